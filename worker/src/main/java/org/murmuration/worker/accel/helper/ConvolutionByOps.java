package org.murmuration.worker.accel.helper;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.AlgoMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdDataAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdFilterAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.FwdAlgo;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Two-dimensional convolution by {@code conv2d} and {@code conv2d_bp}. Images are [N, channels,
 * height, width], weights [filters, channels, kernel height, kernel width].
 *
 * @param hasBias whether the layer learns a bias; where it doesn't, DL4J passes one all the same
 */
record ConvolutionByOps(boolean hasBias) implements ConvolutionHelper {
  private static final int NCHW = 0;
  private static final int FILTERS_CHANNELS_HEIGHT_WIDTH = 1;

  /** The helper of a layer, or empty where DL4J's own code must do. */
  static Optional<ConvolutionByOps> of(NeuralNetConfiguration conf) {
    var layer = (ConvolutionLayer) conf.getLayer();
    var suits =
        layer.getCnn2dDataFormat() == CNN2DFormat.NCHW
            && layer.getConvolutionMode() != ConvolutionMode.Causal
            && isDense(layer.getDilation())
            && layer.getWeightNoise() == null;
    return suits ? Optional.of(new ConvolutionByOps(layer.hasBias())) : Optional.empty();
  }

  private static boolean isDense(int[] dilation) {
    return Arrays.stream(dilation).allMatch(d -> d == 1);
  }

  @Override
  public INDArray preOutput(
      INDArray input,
      INDArray weights,
      INDArray bias,
      int[] kernel,
      int[] strides,
      int[] pad,
      AlgoMode mode,
      FwdAlgo algorithm,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    if (declines(input, weights, dilation, format)) {
      return null;
    }
    var same = convolutionMode == ConvolutionMode.Same;
    var size =
        ConvolutionUtils.getOutputSize(
            input, kernel, strides, same ? null : pad, convolutionMode, dilation, format);
    var output =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATIONS,
            DataType.FLOAT,
            input.size(0),
            weights.size(0),
            size[0],
            size[1]);
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(withBias(bias, input, weights))
            .addIntegerArguments(window(kernel, strides, pad, dilation, same))
            .addOutputs(output)
            .build());
    return output;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray delta,
      int[] kernel,
      int[] strides,
      int[] pad,
      INDArray biasGradView,
      INDArray weightGradView,
      IActivation activation,
      AlgoMode mode,
      BwdFilterAlgo filterAlgorithm,
      BwdDataAlgo dataAlgorithm,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    if (declines(input, weights, dilation, format)) {
      return null;
    }
    var inputGradient =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, input.shape());
    var same = convolutionMode == ConvolutionMode.Same;
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d_bp")
            .addInputs(
                hasBias
                    ? new INDArray[] {input, weights, bias, delta}
                    : new INDArray[] {input, weights, delta})
            .addIntegerArguments(window(kernel, strides, pad, dilation, same))
            .addOutputs(withBias(biasGradView, inputGradient, weightGradView))
            .build());
    var gradient = new DefaultGradient();
    if (hasBias) {
      gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradView);
    }
    gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradView, 'c');
    return new Pair<>(gradient, inputGradient);
  }

  private static boolean declines(
      INDArray input, INDArray weights, int[] dilation, CNN2DFormat format) {
    return input.dataType() != DataType.FLOAT
        || weights.dataType() != DataType.FLOAT
        || format != CNN2DFormat.NCHW
        || !isDense(dilation);
  }

  private INDArray[] withBias(INDArray bias, INDArray first, INDArray second) {
    return hasBias ? new INDArray[] {first, second, bias} : new INDArray[] {first, second};
  }

  private static int[] window(
      int[] kernel, int[] strides, int[] pad, int[] dilation, boolean same) {
    return new int[] {
      kernel[0],
      kernel[1],
      strides[0],
      strides[1],
      pad[0],
      pad[1],
      dilation[0],
      dilation[1],
      same ? 1 : 0,
      NCHW,
      FILTERS_CHANNELS_HEIGHT_WIDTH
    };
  }

  @Override
  public INDArray activate(INDArray z, IActivation activation, boolean training) {
    return activation.getActivation(z, training);
  }

  @Override
  public boolean checkSupported() {
    return true;
  }

  @Override
  public Map<String, Long> helperMemoryUse() {
    return Map.of();
  }
}
