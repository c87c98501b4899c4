package org.murmuration.worker.accel.graph;

import static java.util.Map.entry;

import java.util.Map;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.murmuration.worker.accel.plan.Value;

/** Which kinds of layers are compiled. A subclass may compute otherwise, so classes are exact. */
final class LayerReaders {
  private static final Map<Class<? extends Layer>, LayerReader> BY_CLASS =
      Map.ofEntries(
          of(ConvolutionLayer.class, ConvolutionReaders::convolution),
          of(Convolution2D.class, ConvolutionReaders::convolution),
          of(Deconvolution2D.class, ConvolutionReaders::deconvolution),
          of(DepthwiseConvolution2D.class, ConvolutionReaders::depthwise),
          of(SeparableConvolution2D.class, ConvolutionReaders::separable),
          of(SubsamplingLayer.class, ImageReaders::subsampling),
          of(Pooling2D.class, ImageReaders::subsampling),
          of(GlobalPoolingLayer.class, ImageReaders::globalPooling),
          of(LocalResponseNormalization.class, ImageReaders::responseNormalization),
          of(Upsampling2D.class, ImageReaders::upsampling),
          of(ZeroPaddingLayer.class, ImageReaders::zeroPadding),
          of(Cropping2D.class, ImageReaders::cropping),
          of(DenseLayer.class, CommonReaders::dense),
          of(BatchNormalization.class, CommonReaders::batchNormalization),
          of(ActivationLayer.class, CommonReaders::activation),
          of(DropoutLayer.class, CommonReaders::dropout),
          of(OutputLayer.class, OutputReaders::output),
          of(LossLayer.class, OutputReaders::loss),
          of(CnnLossLayer.class, OutputReaders::pixelLoss));

  private LayerReaders() {}

  /**
   * The reader of a layer.
   *
   * @throws NotCompilableException when there is none
   */
  static LayerReader of(Layer conf) {
    if (conf instanceof Compilable compilable) {
      return compilable::compile;
    }
    var reader = BY_CLASS.get(conf.getClass());
    if (reader == null) {
      throw new NotCompilableException("this kind of layer is not compiled");
    }
    return reader;
  }

  private static <T extends Layer> Map.Entry<Class<T>, LayerReader> of(
      Class<T> type, BiFunction<LayerSite, T, Value> reader) {
    return entry(type, site -> reader.apply(site, type.cast(site.role().conf())));
  }
}
