package org.murmuration.worker.accel.helper;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalizationHelper;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Local response normalisation (Krizhevsky et al. 2012) over the channels of [N, channels, height,
 * width]: with {@code s} the sum of squares over a channel and its {@code n / 2} neighbours on
 * either side, {@code y = x (k + alpha s)^-beta}.
 *
 * <p>The sums over neighbours are convolutions with a 1x1 kernel that is a band of ones, since
 * convolution is what the platform does best. libnd4j's own {@code lrn_bp} isn't used: its gradient
 * is several per cent off, in double precision too.
 */
final class ResponseNormByOps implements LocalResponseNormalizationHelper {
  /** A 1x1 window, stride 1, no padding, no dilation, explicit mode, NCHW, [out, in, 1, 1]. */
  private static final int[] POINTWISE = {1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1};

  /** Ones where two channels are neighbours, [channels, channels, 1, 1]; outside of workspaces. */
  private INDArray neighbours;

  private ResponseNormByOps() {}

  /** The helper of a layer, or empty where DL4J's own code must do. */
  static Optional<ResponseNormByOps> of(NeuralNetConfiguration conf) {
    var layer = (LocalResponseNormalization) conf.getLayer();
    return layer.getDataFormat() == CNN2DFormat.NCHW
        ? Optional.of(new ResponseNormByOps())
        : Optional.empty();
  }

  @Override
  public INDArray activate(
      INDArray x,
      boolean training,
      double k,
      double n,
      double alpha,
      double beta,
      LayerWorkspaceMgr workspaceMgr) {
    if (x.dataType() != DataType.FLOAT) {
      return null;
    }
    var output = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, x.shape());
    var scale = Transforms.pow(base(x, k, n, alpha), -beta, false);
    return x.mul(scale, output);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray x,
      INDArray epsilon,
      double k,
      double n,
      double alpha,
      double beta,
      LayerWorkspaceMgr workspaceMgr) {
    if (x.dataType() != DataType.FLOAT) {
      return null;
    }
    var inputGradient =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, x.shape());
    var base = base(x, k, n, alpha);
    var scale = Transforms.pow(base, -beta, true);
    epsilon.mul(scale, inputGradient);
    var throughNeighbours = neighbourSums(inputGradient.mul(x).divi(base), n);
    throughNeighbours.muli(x).muli(2 * alpha * beta);
    inputGradient.subi(throughNeighbours);
    return new Pair<>(new DefaultGradient(), inputGradient);
  }

  private INDArray base(INDArray x, double k, double n, double alpha) {
    return neighbourSums(x.mul(x), n).muli(alpha).addi(k);
  }

  private INDArray neighbourSums(INDArray values, double n) {
    if (neighbours == null) {
      neighbours = band((int) values.size(1), (int) n / 2);
    }
    return Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(values, neighbours)
            .addIntegerArguments(POINTWISE)
            .build())[0];
  }

  private static INDArray band(int channels, int reach) {
    var ones = new float[channels * channels];
    for (int i = 0; i < channels; i++) {
      for (int j = Math.max(0, i - reach); j <= Math.min(channels - 1, i + reach); j++) {
        ones[i * channels + j] = 1;
      }
    }
    return Nd4j.createFromArray(ones).reshape('c', channels, channels, 1, 1).detach();
  }

  @Override
  public boolean checkSupported(double k, double n, double alpha, double beta) {
    return true;
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
