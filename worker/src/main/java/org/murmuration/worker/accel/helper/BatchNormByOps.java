package org.murmuration.worker.accel.helper;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalizationHelper;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) by {@code moments}, {@code batchnorm} and {@code
 * batchnorm_bp}, over arrays of [N, channels, height, width]; DL4J reshapes what comes from a dense
 * layer to [N, channels, 1, 1]. DL4J itself takes the steps of the running statistics, from the
 * mean and variance that are kept here.
 */
final class BatchNormByOps implements BatchNormalizationHelper {
  private static final int[] ALL_BUT_CHANNELS = {0, 2, 3};

  /** Apply gamma, apply beta, channels are dimension 1. */
  private static final int[] OPTIONS = {1, 1, 1};

  /** What the last forward pass normalised by, [channels]; outside of DL4J's workspaces. */
  private INDArray mean;

  private INDArray variance;

  /** Whether these were of the batch, or the running ones. */
  private boolean ofBatch;

  private BatchNormByOps() {}

  /** The helper of a layer, or empty where DL4J's own code must do. */
  static Optional<BatchNormByOps> of(NeuralNetConfiguration conf) {
    var layer = (BatchNormalization) conf.getLayer();
    var suits = layer.getCnn2DFormat() == CNN2DFormat.NCHW && !layer.isLockGammaBeta();
    return suits ? Optional.of(new BatchNormByOps()) : Optional.empty();
  }

  @Override
  public INDArray preOutput(
      INDArray x,
      boolean training,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray runningMean,
      INDArray runningVariance,
      double decay,
      double eps,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    if (declines(x, format)) {
      return null;
    }
    var input = rowByRow(x);
    makeRoomFor(input.size(1));
    if (training) {
      Nd4j.exec(
          DynamicCustomOp.builder("moments")
              .addInputs(input)
              .addIntegerArguments(ALL_BUT_CHANNELS)
              .addOutputs(mean, variance)
              .build());
    } else {
      mean.assign(flat(runningMean));
      variance.assign(flat(runningVariance));
    }
    ofBatch = training;
    var output = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, x.shape());
    Nd4j.exec(
        DynamicCustomOp.builder("batchnorm")
            .addInputs(input, mean, variance, flat(gamma), flat(beta))
            .addIntegerArguments(OPTIONS)
            .addFloatingPointArguments(eps)
            .addOutputs(output)
            .build());
    return output;
  }

  /**
   * Declines after a forward pass with running statistics, as frozen layers make it: the operation
   * takes them for those of the batch. DL4J then goes on from the mean and variance kept here.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray x,
      INDArray epsilon,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray gammaGradient,
      INDArray betaGradient,
      double eps,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    if (declines(x, format) || !ofBatch) {
      return null;
    }
    var inputGradient =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, x.shape());
    // The input's gradient already goes through mean and variance; nobody reads these two.
    var meanGradient = working(workspaceMgr);
    var varianceGradient = working(workspaceMgr);
    Nd4j.exec(
        DynamicCustomOp.builder("batchnorm_bp")
            .addInputs(rowByRow(x), mean, variance, flat(gamma), flat(beta), rowByRow(epsilon))
            .addIntegerArguments(OPTIONS)
            .addFloatingPointArguments(eps)
            .addOutputs(
                inputGradient,
                meanGradient,
                varianceGradient,
                flat(gammaGradient),
                flat(betaGradient))
            .build());
    var gradient = new DefaultGradient();
    gradient.setGradientFor(BatchNormalizationParamInitializer.GAMMA, gammaGradient);
    gradient.setGradientFor(BatchNormalizationParamInitializer.BETA, betaGradient);
    return new Pair<>(gradient, inputGradient);
  }

  private static boolean declines(INDArray x, CNN2DFormat format) {
    return x.dataType() != DataType.FLOAT || x.rank() != 4 || format != CNN2DFormat.NCHW;
  }

  /** The operations take an array in column order for one in row order. */
  private static INDArray rowByRow(INDArray array) {
    return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array)
        ? array
        : array.dup('c');
  }

  private static INDArray flat(INDArray row) {
    return row.reshape(row.length());
  }

  private INDArray working(LayerWorkspaceMgr workspaceMgr) {
    return workspaceMgr.createUninitialized(
        ArrayType.BP_WORKING_MEM, DataType.FLOAT, mean.length());
  }

  private void makeRoomFor(long channels) {
    if (mean == null) {
      mean = Nd4j.create(DataType.FLOAT, channels).detach();
      variance = Nd4j.create(DataType.FLOAT, channels).detach();
    }
  }

  @Override
  public INDArray getMeanCache(DataType dataType) {
    return mean;
  }

  @Override
  public INDArray getVarCache(DataType dataType) {
    return variance;
  }

  @Override
  public boolean checkSupported(double eps, boolean fixedGammaBeta) {
    return !fixedGammaBeta;
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
