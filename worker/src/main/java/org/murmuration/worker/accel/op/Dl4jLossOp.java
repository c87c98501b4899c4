package org.murmuration.worker.accel.op;

import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** Any of DL4J's loss functions of logits: of each image, or of each pixel of [n, c, h, w]. */
public final class Dl4jLossOp extends Dl4jLoss {
  private final IActivation activation;
  private final ILossFunction function;

  /**
   * @param labels which of the network's outputs it is
   */
  public Dl4jLossOp(
      String layer,
      Value logits,
      Value output,
      int labels,
      IActivation activation,
      ILossFunction function) {
    super(layer, logits, output, labels);
    this.activation = activation;
    this.function = function;
  }

  @Override
  double compute(View from, View expected, View to) {
    try {
      return computed(from, expected, to);
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException(
          "output \"%s\": %s".formatted(layer(), refused.getMessage()), refused);
    }
  }

  /** The loss in double precision, because ND4J adds up floats one after the other. */
  private double computed(View from, View expected, View to) {
    var logits = rows(from.array());
    var wanted = rows(expected.array());
    var gradient = function.computeGradient(wanted, logits.dup(), activation, null);
    to.array().assign(images(gradient));
    return function.computeScore(
        wanted.castTo(DataType.DOUBLE), logits.castTo(DataType.DOUBLE), activation, null, false);
  }

  /** One row for each image or pixel. */
  private static INDArray rows(INDArray array) {
    return array.rank() == 2
        ? array
        : array.permute(0, 2, 3, 1).dup('c').reshape('c', -1, array.size(1));
  }

  private INDArray images(INDArray rows) {
    if (input().rank() == 2) {
      return rows;
    }
    return rows.dup('c')
        .reshape('c', input().size(0), input().size(2), input().size(3), input().size(1))
        .permute(0, 3, 1, 2);
  }
}
