package org.murmuration.worker.accel.op;

import java.util.Arrays;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** What a batch says that an output should have been. */
final class Labels {

  private Labels() {}

  /**
   * The labels of an output, of the same shape as its logits.
   *
   * @throws IllegalArgumentException when they have another
   */
  static Tensor ofShape(Emitter e, String layer, int output, Value logits) {
    var labels = e.labels(output);
    require(layer, labels, logits, logits.shape());
    return labels;
  }

  /**
   * The labels of an output, as many and as large as its logits; the loss knows which numbers each
   * should have.
   *
   * @throws IllegalArgumentException when the batch is of another size, or the image
   */
  static Tensor ofSize(Emitter e, String layer, int output, Value logits) {
    var labels = e.labels(output);
    var shape = logits.shape();
    if (labels.layout().shape().length == shape.length) {
      shape[1] = labels.layout().shape()[1];
    }
    require(layer, labels, logits, shape);
    return labels;
  }

  private static void require(String layer, Tensor labels, Value logits, long... shape) {
    if (!Arrays.equals(labels.layout().shape(), shape)) {
      throw new IllegalArgumentException(
          "output \"%s\" has shape %s, its labels have %s; they must be the same"
              .formatted(
                  layer,
                  Arrays.toString(logits.shape()),
                  Arrays.toString(labels.layout().shape())));
    }
  }
}
