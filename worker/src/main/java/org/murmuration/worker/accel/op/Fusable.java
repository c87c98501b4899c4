package org.murmuration.worker.accel.op;

import java.util.Optional;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Value;

/** An operation that may apply a function to its output while it has it at hand. */
public interface Fusable extends Operation {

  /** The same with a function after it, or empty if it can't. */
  Optional<Fusable> withActivation(Eltwise function, Value newOutput);
}
