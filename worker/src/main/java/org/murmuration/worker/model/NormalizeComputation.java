package org.murmuration.worker.model;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.DivOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.SubOp;
import org.nd4j.linalg.factory.Nd4j;

/** Computes {@link NormalizeLayer} forwards and backwards, never inside the array it reads. */
final class NormalizeComputation extends AbstractLayer<NormalizeLayer> {
  private static final long serialVersionUID = 1L;
  private static final int CHANNELS = 1;

  private final INDArray mean;
  private final INDArray std;

  NormalizeComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    // Detached, because they outlive any workspace that may be open here.
    mean = perChannel(layerConf().mean()).detach();
    std = perChannel(layerConf().std()).detach();
  }

  private INDArray perChannel(double[] values) {
    return Nd4j.createFromArray(values).castTo(dataType).reshape(1, values.length, 1, 1);
  }

  private static INDArray[] arrays(INDArray... arrays) {
    return arrays;
  }

  /**
   * @throws IllegalArgumentException if the input is not [N, channels, height, width]
   */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    if (input.rank() != 4) {
      throw new IllegalArgumentException(
          "layer %s normalizes images of rank 4, but its input has rank %d"
              .formatted(layerConf().getLayerName(), input.rank()));
    }
    layerConf().requireChannels(input.size(CHANNELS));
    INDArray output =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, input.shape(), 'c');
    Nd4j.exec(new SubOp(arrays(input.castTo(dataType), mean), arrays(output)));
    Nd4j.exec(new DivOp(arrays(output, std), arrays(output)));
    return output;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradient =
        workspaces.createUninitialized(
            ArrayType.ACTIVATION_GRAD, dataType, epsilon.shape(), epsilon.ordering());
    Nd4j.exec(new DivOp(arrays(epsilon, std), arrays(gradient)));
    return new Pair<>(new DefaultGradient(), gradient);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {
    // There are no weights.
  }
}
