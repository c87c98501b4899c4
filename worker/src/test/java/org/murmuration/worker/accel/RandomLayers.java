package org.murmuration.worker.accel;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.exception.DL4JException;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.nd4j.linalg.activations.Activation;

/** Draws layers for images: of all kinds that are compiled, and some that DL4J computes. */
final class RandomLayers {
  private static final int LARGEST = 12;

  /** Of DL4J are the last three. */
  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.IDENTITY,
          Activation.RELU,
          Activation.RELU,
          Activation.LEAKYRELU,
          Activation.RELU6,
          Activation.ELU,
          Activation.TANH,
          Activation.SIGMOID,
          Activation.SOFTPLUS,
          Activation.SWISH,
          Activation.GELU,
          Activation.SELU,
          Activation.SOFTSIGN);

  private final Random random;

  RandomLayers(Random random) {
    this.random = random;
  }

  /** Whether the layer leaves anything of the image, and not too much. */
  static boolean fits(Layer layer, InputType input) {
    try {
      layer.setNIn(input, true);
      var output = (InputTypeConvolutional) layer.getOutputType(0, input);
      return kernelFits(layer, (InputTypeConvolutional) input)
          && !(splits(layer) && ((InputTypeConvolutional) input).getChannels() == 1)
          && Math.min(output.getHeight(), output.getWidth()) > 0
          && Math.max(output.getHeight(), output.getWidth()) <= LARGEST;
    } catch (DL4JException | IllegalArgumentException | IllegalStateException tooLarge) {
      return false;
    }
  }

  /** Of a single channel DL4J's kernels make an error or nonsense. */
  private static boolean splits(Layer layer) {
    return layer instanceof DepthwiseConvolution2D || layer instanceof SeparableConvolution2D;
  }

  /** In Same mode DL4J notices only when it computes. */
  private static boolean kernelFits(Layer layer, InputTypeConvolutional image) {
    if (layer instanceof Deconvolution2D) {
      return true;
    }
    if (layer instanceof ConvolutionLayer conv) {
      return kernelFits(conv.getKernelSize(), conv.getDilation(), image);
    }
    return !(layer instanceof SubsamplingLayer pool)
        || kernelFits(pool.getKernelSize(), pool.getDilation(), image);
  }

  private static boolean kernelFits(int[] kernel, int[] dilation, InputTypeConvolutional image) {
    return (kernel[0] - 1L) * dilation[0] < image.getHeight()
        && (kernel[1] - 1L) * dilation[1] < image.getWidth();
  }

  /**
   * Whether DL4J, outside of training, may write the layer's output over its input, or over what
   * that is a view of. So nobody else may read that.
   */
  static boolean writesOverItsInput(Layer layer) {
    return layer instanceof ActivationLayer
        || layer instanceof PReLULayer
        || layer instanceof DropoutLayer
        || layer instanceof Cropping2D;
  }

  Activation activation() {
    return pick(ACTIVATIONS);
  }

  PoolingType pooling() {
    return pick(List.of(PoolingType.AVG, PoolingType.MAX, PoolingType.SUM));
  }

  Layer any(InputTypeConvolutional image, boolean canNormalize) {
    return switch (random.nextInt(10)) {
      case 0, 1 -> convolution();
      case 2 -> deconvolution();
      case 3, 4 -> pool();
      case 5 -> separable();
      case 6 -> new Upsampling2D.Builder().size(new int[] {between(1, 2), between(1, 2)}).build();
      case 7 -> new ZeroPaddingLayer(few(), few(), few(), few());
      case 8 -> new Cropping2D(few(), few(), few(), few());
      default -> ofSameSize(image, canNormalize);
    };
  }

  Layer ofSameSize(InputTypeConvolutional image, boolean canNormalize) {
    return switch (random.nextInt(canNormalize ? 10 : 8)) {
      case 0, 1 -> SampleNetworks.conv(between(1, 20), between(1, 4), activation());
      case 2 -> depthwise();
      case 3 ->
          new SubsamplingLayer.Builder(pick(List.of(PoolingType.MAX, PoolingType.AVG)))
              .kernelSize(between(1, 3), between(1, 3))
              .stride(1, 1)
              .convolutionMode(ConvolutionMode.Same)
              .build();
      case 4 -> new ActivationLayer(activation());
      case 5 -> responseNormalization(image);
      case 6 ->
          new PReLULayer.Builder()
              .inputShape(image.getChannels(), image.getHeight(), image.getWidth())
              .build();
      case 7 -> new DropoutLayer.Builder(new Dropout(1.0)).build();
      default -> normalization();
    };
  }

  /** DL4J sums up no more channels than there are. */
  private Layer responseNormalization(InputTypeConvolutional image) {
    int most = Math.min(5, (int) image.getChannels());
    return most == 1
        ? new ActivationLayer(activation())
        : new LocalResponseNormalization.Builder().n(between(2, most)).build();
  }

  private Layer convolution() {
    int[] kernel = {between(1, 4), between(1, 4)};
    int[] stride = strides(kernel);
    var layer =
        new ConvolutionLayer.Builder(kernel, stride)
            .dilation(between(1, 2), between(1, 2))
            .nOut(between(1, 20))
            .hasBias(random.nextBoolean())
            .activation(activation());
    return same()
        ? layer.convolutionMode(ConvolutionMode.Same).build()
        : layer.convolutionMode(ConvolutionMode.Truncate).padding(few(), few()).build();
  }

  /** In Same mode DL4J refuses strides that are longer than the kernel. */
  private int[] strides(int... kernel) {
    return new int[] {between(1, Math.min(3, kernel[0])), between(1, Math.min(2, kernel[1]))};
  }

  private Layer deconvolution() {
    return new Deconvolution2D.Builder(between(2, 3), between(2, 3))
        .stride(between(1, 2), between(1, 2))
        .convolutionMode(same() ? ConvolutionMode.Same : ConvolutionMode.Truncate)
        .nOut(between(1, 9))
        .hasBias(random.nextBoolean())
        .activation(activation())
        .build();
  }

  private Layer separable() {
    return new SeparableConvolution2D.Builder(between(1, 3), between(1, 3))
        .stride(between(1, 2), between(1, 2))
        .depthMultiplier(between(1, 2))
        .convolutionMode(same() ? ConvolutionMode.Same : ConvolutionMode.Truncate)
        .nOut(between(1, 9))
        .activation(activation())
        .build();
  }

  private Layer depthwise() {
    return new DepthwiseConvolution2D.Builder(between(1, 3), between(1, 3))
        .depthMultiplier(between(1, 2))
        .convolutionMode(ConvolutionMode.Same)
        .activation(activation())
        .build();
  }

  private Layer pool() {
    int[] kernel = {between(2, 3), between(2, 3)};
    var layer =
        new SubsamplingLayer.Builder(pick(List.of(PoolingType.MAX, PoolingType.AVG)))
            .kernelSize(kernel)
            .stride(strides(kernel))
            .avgPoolIncludePadInDivisor(random.nextBoolean());
    return same()
        ? layer.convolutionMode(ConvolutionMode.Same).build()
        : layer.convolutionMode(ConvolutionMode.Truncate).padding(few(), few()).build();
  }

  private Layer normalization() {
    return new BatchNormalization.Builder()
        .useLogStd(random.nextBoolean())
        .lockGammaBeta(random.nextInt(4) == 0)
        .eps(0.01)
        .decay(0.8)
        .build();
  }

  private boolean same() {
    return random.nextBoolean();
  }

  private int few() {
    return random.nextInt(2);
  }

  private int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
