package org.murmuration.worker.accel.graph;

import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.murmuration.worker.accel.onednn.Convolution;
import org.murmuration.worker.accel.onednn.Deconvolution;
import org.murmuration.worker.accel.onednn.Product;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.onednn.Window.Pair;
import org.murmuration.worker.accel.op.ProductOp;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;

/** Reads the layers that move a kernel of weights. */
final class ConvolutionReaders {
  private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

  private ConvolutionReaders() {}

  static Value convolution(LayerSite site, ConvolutionLayer conf) {
    var geometry = geometry(site, conf);
    var in = site.input().size(1);
    requireTrusted(in, geometry);
    var weights =
        site.parameter(
            ConvolutionParamInitializer.WEIGHT_KEY,
            conf.getNOut(),
            in,
            conf.getKernelSize()[0],
            conf.getKernelSize()[1]);
    var output = output(site, conf, geometry.output());
    return finish(site, conf, new Convolution(geometry.window()), weights, output);
  }

  /** oneDNN 3.11 takes wrong inputs here, in inference on AVX-512. */
  private static void requireTrusted(long channels, Windows geometry) {
    if (channels == 1 && geometry.output().width() == 1 && geometry.window().stride().width() > 1) {
      throw new NotCompilableException(
          "it makes one column of one channel with a stride of %d, compiled is 1"
              .formatted(geometry.window().stride().width()));
    }
  }

  static Value deconvolution(LayerSite site, Deconvolution2D conf) {
    requireChannelsFirst(conf.getCnn2dDataFormat());
    var image = site.images();
    var geometry = Windows.deconvolution(spec(conf), image.size(2), image.size(3));
    long out = conf.getNOut();
    long in = image.size(1);
    long height = conf.getKernelSize()[0];
    long width = conf.getKernelSize()[1];
    // DL4J keeps [in, out, h, w].
    var weights =
        site.parameter(
            ConvolutionParamInitializer.WEIGHT_KEY,
            new long[] {out, in, height, width},
            new long[] {height * width, out * height * width, width, 1});
    var output = output(site, conf, geometry.output());
    return finish(site, conf, new Deconvolution(geometry.window()), weights, output);
  }

  static Value depthwise(LayerSite site, DepthwiseConvolution2D conf) {
    var geometry = geometry(site, conf);
    long in = site.input().size(1);
    long multiplier = conf.getDepthMultiplier();
    long height = conf.getKernelSize()[0];
    long width = conf.getKernelSize()[1];
    // DL4J keeps [h, w, in, multiplier].
    var weights =
        site.parameter(
            DepthwiseConvolutionParamInitializer.WEIGHT_KEY,
            new long[] {in, multiplier, 1, height, width},
            new long[] {multiplier, 1, 1, width * in * multiplier, in * multiplier});
    var output = output(site, conf, geometry.output());
    return finish(site, conf, new Convolution(geometry.window()), weights, output);
  }

  static Value separable(LayerSite site, SeparableConvolution2D conf) {
    var geometry = geometry(site, conf);
    long in = site.input().size(1);
    long multiplier = conf.getDepthMultiplier();
    long height = conf.getKernelSize()[0];
    long width = conf.getKernelSize()[1];
    // DL4J keeps [multiplier, in, h, w].
    var depthwise =
        site.parameter(
            SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY,
            new long[] {in, multiplier, 1, height, width},
            new long[] {height * width, in * height * width, 1, width, 1});
    var size = geometry.output();
    var between =
        site.add(
            new ProductOp(
                site.name(),
                site.input(),
                site.value(site.input().size(0), in * multiplier, size.height(), size.width()),
                new Convolution(geometry.window()),
                depthwise,
                Optional.empty(),
                !site.learns()));
    var pointwise =
        site.parameter(
            SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY,
            conf.getNOut(),
            in * multiplier,
            1,
            1);
    var output =
        site.add(
            new ProductOp(
                site.name(),
                between,
                output(site, conf, size),
                new Convolution(Window.single()),
                pointwise,
                bias(site, conf),
                !site.learns()));
    return site.activated(output, conf.getActivationFn());
  }

  private static Value finish(
      LayerSite site, ConvolutionLayer conf, Product product, Parameter weights, Value output) {
    site.add(
        new ProductOp(
            site.name(), site.input(), output, product, weights, bias(site, conf), !site.learns()));
    return site.activated(output, conf.getActivationFn());
  }

  private static Optional<Parameter> bias(LayerSite site, ConvolutionLayer conf) {
    return site.ifPresent(BIAS, conf.getNOut());
  }

  private static Value output(LayerSite site, ConvolutionLayer conf, Pair size) {
    return site.value(site.input().size(0), conf.getNOut(), size.height(), size.width());
  }

  private static Windows geometry(LayerSite site, ConvolutionLayer conf) {
    requireChannelsFirst(conf.getCnn2dDataFormat());
    var image = site.images();
    return Windows.convolution(spec(conf), image.size(2), image.size(3));
  }

  private static Windows.Spec spec(ConvolutionLayer conf) {
    return Windows.Spec.of(
        conf.getKernelSize(),
        conf.getStride(),
        conf.getPadding(),
        conf.getDilation(),
        conf.getConvolutionMode());
  }

  static void requireChannelsFirst(CNN2DFormat format) {
    if (format != CNN2DFormat.NCHW) {
      throw new NotCompilableException("its images are " + format + ", compiled is NCHW");
    }
  }
}
