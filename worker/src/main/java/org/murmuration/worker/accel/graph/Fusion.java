package org.murmuration.worker.accel.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.murmuration.worker.accel.op.ActivationOp;
import org.murmuration.worker.accel.op.BatchNormOp;
import org.murmuration.worker.accel.op.Fusable;
import org.murmuration.worker.accel.op.NormalizeOp;
import org.murmuration.worker.accel.op.PoolOp;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Value;

/**
 * Joins operations with what comes before them, so that what is between them is never in memory.
 */
final class Fusion {
  private final Map<Value, Integer> producers = new HashMap<>();
  private final Map<Value, Integer> readers = new HashMap<>();
  private final List<Operation> operations;

  private Fusion(List<Operation> operations, Set<Value> outputs) {
    this.operations = new ArrayList<>(operations);
    outputs.forEach(this::countReader);
    for (int i = 0; i < operations.size(); i++) {
      producers.put(operations.get(i).output(), i);
      operations.get(i).inputs().forEach(this::countReader);
    }
  }

  /**
   * The same network with fewer operations.
   *
   * @param outputs values that are read from outside
   */
  static List<Operation> apply(List<Operation> operations, Set<Value> outputs) {
    var swapped = new Fusion(operations, outputs).poolBeforeActivations();
    var joined = new Fusion(swapped, outputs).joinNormalizations();
    return new Fusion(joined, outputs).fuseActivations();
  }

  private List<Operation> joinNormalizations() {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof NormalizeOp second
          && isReadOnce(second.inputs().get(0))
          && producer(second.inputs().get(0)) instanceof NormalizeOp first) {
        operations.set(producers.get(first.output()), null);
        operations.set(i, first.andThen(second));
      }
    }
    return remaining();
  }

  private List<Operation> remaining() {
    return operations.stream().filter(Objects::nonNull).toList();
  }

  /**
   * The maximum of a function that never decreases is the function of the maximum, which is of
   * fewer elements. After batch normalisation a ReLU costs nothing as it is.
   */
  private List<Operation> poolBeforeActivations() {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof PoolOp pool
          && pool.commutesWithMonotone()
          && producer(pool.inputs().get(0)) instanceof ActivationOp activation
          && activation.function().derivedFromOutput()
          && isReadOnce(activation.output())
          && isReadOnce(activation.inputs().get(0))
          && producer(activation.inputs().get(0)) instanceof Fusable before
          && !(before instanceof BatchNormOp)) {
        var between = new Value(pool.layer(), pool.output().shape());
        operations.set(
            producers.get(activation.output()), pool.of(activation.inputs().get(0), between));
        operations.set(
            i, new ActivationOp(activation.layer(), between, pool.output(), activation.function()));
      }
    }
    return operations;
  }

  private List<Operation> fuseActivations() {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof ActivationOp activation
          && isReadOnce(activation.inputs().get(0))
          && producer(activation.inputs().get(0)) instanceof Fusable before) {
        int place = i;
        before
            .withActivation(activation.function(), activation.output())
            .ifPresent(
                fused -> {
                  operations.set(producers.get(before.output()), fused);
                  operations.set(place, null);
                });
      }
    }
    return remaining();
  }

  private Operation producer(Value value) {
    var index = producers.get(value);
    return index == null ? null : operations.get(index);
  }

  private boolean isReadOnce(Value value) {
    return readers.getOrDefault(value, 0) == 1;
  }

  private void countReader(Value value) {
    readers.merge(value, 1, Integer::sum);
  }
}
