package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.onednn.PostOp;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;

/**
 * A function that another operation applies to its output before it writes it. Only one whose
 * derivative follows from its output can be fused, because its input is never in memory.
 */
final class FusedActivation {
  private final Optional<Eltwise> function;

  FusedActivation(Optional<Eltwise> function) {
    this.function = function;
    function
        .filter(f -> !f.derivedFromOutput())
        .ifPresent(
            f -> {
              throw new IllegalArgumentException("the derivative of " + f + " needs its input");
            });
  }

  static FusedActivation none() {
    return new FusedActivation(Optional.empty());
  }

  boolean isPresent() {
    return function.isPresent();
  }

  /** For the operation's primitive. */
  List<PostOp> postOps() {
    return function.map(PostOp::of).stream().toList();
  }

  /**
   * The gradient before the function.
   *
   * @param gradient the gradient after it, in the layout of the output
   */
  Tensor backward(Emitter e, Tensor gradient, Tensor output) {
    if (function.isEmpty()) {
      return gradient;
    }
    return ActivationOp.backward(e, function.get(), gradient, output);
  }
}
