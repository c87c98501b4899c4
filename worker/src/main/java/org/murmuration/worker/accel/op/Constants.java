package org.murmuration.worker.accel.op;

import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;

/** Numbers that are in no vector. They share the arena, so each run writes them anew. */
final class Constants {

  private Constants() {}

  /** A plain fp32 tensor of these numbers. */
  static Tensor perChannel(Emitter e, float[] values, long... shape) {
    var tensor = e.create(e.oneDnn().plain(ElementType.F32, shape));
    var view = e.view(tensor);
    e.run(
        "constants",
        () -> {
          for (int i = 0; i < values.length; i++) {
            view.set(i, values[i]);
          }
        },
        tensor);
    return tensor;
  }
}
