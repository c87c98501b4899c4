package org.murmuration.worker.accel.graph;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.murmuration.worker.accel.onednn.Pooling.Kind;
import org.murmuration.worker.accel.onednn.ResponseNorm.Constants;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.op.PlacementOp;
import org.murmuration.worker.accel.op.PoolOp;
import org.murmuration.worker.accel.op.ReshapeOp;
import org.murmuration.worker.accel.op.ResponseNormOp;
import org.murmuration.worker.accel.op.UpsamplingOp;
import org.murmuration.worker.accel.plan.Value;

/** Reads the layers of images that learn nothing. */
final class ImageReaders {

  private ImageReaders() {}

  static Value subsampling(LayerSite site, SubsamplingLayer conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getCnn2dDataFormat());
    var image = site.images();
    var spec =
        Windows.Spec.of(
            conf.getKernelSize(),
            conf.getStride(),
            conf.getPadding(),
            conf.getDilation(),
            conf.getConvolutionMode());
    var geometry = Windows.convolution(spec, image.size(2), image.size(3));
    var kind =
        kind(
            conf.getPoolingType(),
            conf.isAvgPoolIncludePadInDivisor() ? Kind.AVERAGE_WITH_PADDING : Kind.AVERAGE);
    var size = geometry.output();
    var output = site.value(image.size(0), image.size(1), size.height(), size.width());
    return site.add(new PoolOp(site.name(), image, output, kind, geometry.window()));
  }

  static Value globalPooling(LayerSite site, GlobalPoolingLayer conf) {
    var image = site.images();
    var dimensions = conf.getPoolingDimensions();
    if (dimensions != null && !Arrays.equals(dimensions, new int[] {2, 3})) {
      throw new NotCompilableException("it pools other dimensions than height and width");
    }
    var kind = kind(conf.getPoolingType(), Kind.AVERAGE);
    var window = Window.whole(image.size(2), image.size(3));
    var pixel = site.value(image.size(0), image.size(1), 1, 1);
    site.add(new PoolOp(site.name(), image, pixel, kind, window));
    return conf.isCollapseDimensions()
        ? site.add(new ReshapeOp(site.name(), pixel, site.value(image.size(0), image.size(1))))
        : pixel;
  }

  static Value responseNormalization(LayerSite site, LocalResponseNormalization conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getDataFormat());
    var image = site.images();
    // DL4J sums n / 2 channels on either side and doesn't divide; oneDNN divides by the size.
    long size = 2 * ((long) conf.getN() / 2) + 1;
    requireTrusted(size);
    var constants = new Constants(size, conf.getAlpha() * size, conf.getBeta(), conf.getK());
    return site.add(new ResponseNormOp(site.name(), image, site.value(image.shape()), constants));
  }

  /**
   * oneDNN 3.11 crashes the process when it generates the code for a size of 1, and on AVX-512 sums
   * wrongly over 7 and more when channels are last and their number is not a multiple of 16.
   */
  private static void requireTrusted(long size) {
    if (size != 3 && size != 5) {
      throw new NotCompilableException(
          "it sums over %d channels, compiled are 3 and 5".formatted(size));
    }
  }

  static Value upsampling(LayerSite site, Upsampling2D conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getFormat());
    var image = site.images();
    if (image.size(2) * image.size(3) == 1) {
      // oneDNN 3.11 confuses its layouts, whose strides are the same then, and reads elsewhere.
      throw new NotCompilableException("it repeats a single pixel");
    }
    var output =
        site.value(
            image.size(0),
            image.size(1),
            image.size(2) * conf.getSize()[0],
            image.size(3) * conf.getSize()[1]);
    return site.add(new UpsamplingOp(site.name(), image, output));
  }

  static Value zeroPadding(LayerSite site, ZeroPaddingLayer conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getDataFormat());
    var image = site.images();
    var p = conf.getPadding();
    var output =
        site.value(
            image.size(0), image.size(1), image.size(2) + p[0] + p[1], image.size(3) + p[2] + p[3]);
    return site.add(PlacementOp.padding(site.name(), image, output, p[0], p[2]));
  }

  static Value cropping(LayerSite site, Cropping2D conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getDataFormat());
    var image = site.images();
    var c = conf.getCropping();
    var output =
        site.value(
            image.size(0), image.size(1), image.size(2) - c[0] - c[1], image.size(3) - c[2] - c[3]);
    return site.add(PlacementOp.cropping(site.name(), image, output, c[0], c[2]));
  }

  private static Kind kind(PoolingType type, Kind average) {
    return switch (type) {
      case MAX -> Kind.MAXIMUM;
      case AVG -> average;
      case SUM, PNORM ->
          throw new NotCompilableException("it pools by " + type + ", compiled are MAX and AVG");
    };
  }
}
