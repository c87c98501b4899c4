package org.murmuration.worker.accel.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a network is cut into segments of which only what later ones read is kept; all else is
 * computed again when the backward pass comes to the segment (Chen et al.: Training deep nets with
 * sublinear memory cost, 2016). Memory falls from the depth of a network to about twice the root of
 * it, for one more forward pass.
 */
final class Checkpointing {
  private final List<Operation> operations;

  /** What is alive between operation i - 1 and operation i, in elements. */
  private final long[] crossing;

  /** What operations before i put out, in elements. */
  private final long[] before;

  private Checkpointing(List<Operation> operations) {
    this.operations = operations;
    this.crossing = new long[operations.size() + 1];
    this.before = new long[operations.size() + 1];
    count();
  }

  /**
   * The segments of a network: the index at which each ends.
   *
   * @param segments how many; 0 for the root of the number of operations
   */
  static List<Integer> ends(List<Operation> operations, int segments) {
    int wanted =
        segments == 0
            ? (int) Math.round(Math.sqrt(operations.size()))
            : Math.min(segments, operations.size());
    return new Checkpointing(operations).cut(Math.max(wanted, 1));
  }

  private void count() {
    Map<Value, Integer> lastRead = new HashMap<>();
    for (int i = 0; i < operations.size(); i++) {
      for (var value : operations.get(i).inputs()) {
        lastRead.put(value, i);
      }
    }
    for (int i = 0; i < operations.size(); i++) {
      var output = operations.get(i).output();
      before[i + 1] = before[i] + output.length();
      for (int cut = i + 1; cut <= lastRead.getOrDefault(output, i); cut++) {
        crossing[cut] += output.length();
      }
    }
  }

  /**
   * Segments that put out about the same, each cut at the place around there where the least is
   * alive.
   */
  private List<Integer> cut(int segments) {
    List<Integer> ends = new ArrayList<>();
    int size = operations.size();
    int last = 0;
    for (int k = 1; k < segments; k++) {
      long from = before[size] * (2L * k - 1) / (2L * segments);
      long to = before[size] * (2L * k + 1) / (2L * segments);
      int best = -1;
      for (int i = last + 1; i < size; i++) {
        var near = before[i] >= from && before[i] <= to;
        if (near && (best < 0 || crossing[i] < crossing[best])) {
          best = i;
        }
      }
      if (best > 0) {
        ends.add(best);
        last = best;
      }
    }
    ends.add(size);
    return ends;
  }
}
