package org.murmuration.worker.training;

import java.util.ArrayList;
import java.util.List;

/**
 * The parts in which a flat vector is summed, from its end to its start, as backward fills it. The
 * first is smaller, so that the network has something to do early.
 *
 * @param starts the first value of each bucket, falling; the last is 0
 * @param length of the vector in values
 */
record Buckets(List<Integer> starts, int length) {
  private static final int FIRST_IS_SMALLER_BY = 4;

  /** Buckets of about so many bytes. */
  static Buckets of(int length, int bucketBytes) {
    var size = Math.max(1, bucketBytes / Float.BYTES);
    List<Integer> starts = new ArrayList<>();
    var start = length - Math.max(1, size / FIRST_IS_SMALLER_BY);
    while (start > 0) {
      starts.add(start);
      start -= size;
    }
    starts.add(0);
    return new Buckets(List.copyOf(starts), length);
  }

  int count() {
    return starts.size();
  }

  int start(int bucket) {
    return starts.get(bucket);
  }

  int size(int bucket) {
    return (bucket == 0 ? length : starts.get(bucket - 1)) - starts.get(bucket);
  }
}
