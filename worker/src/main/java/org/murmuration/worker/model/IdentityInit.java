package org.murmuration.worker.model;

import java.util.Arrays;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts a convolution of one pixel as the identity. DL4J's own WeightInitIdentity writes through a
 * view of a view, which ND4J 1.0.0-M2.1 doesn't always find.
 */
public final class IdentityInit implements IWeightInit {
  private static final long serialVersionUID = 1L;

  /**
   * @param shape [channels, channels, 1, 1]
   * @param paramView where the weights lie, which are returned in their shape
   * @throws IllegalArgumentException if the shape is another
   */
  @Override
  public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray paramView) {
    if (shape.length != 4 || shape[0] != shape[1] || shape[2] != 1 || shape[3] != 1) {
      throw new IllegalArgumentException(
          "the identity is of [channels, channels, 1, 1], but the weights are "
              + Arrays.toString(shape));
    }
    int channels = Math.toIntExact(shape[0]);
    var values = new double[channels * channels];
    for (int c = 0; c < channels; c++) {
      values[c * channels + c] = 1;
    }
    var weights = paramView.reshape(order, shape);
    weights.assign(Nd4j.createFromArray(values).reshape(order, shape));
    return weights;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IdentityInit;
  }

  @Override
  public int hashCode() {
    return IdentityInit.class.hashCode();
  }
}
