package org.murmuration.worker.data.source;

import java.io.Serializable;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a piece holds.
 *
 * @param samples how many samples, whether they can be decoded or not
 * @param labels all that occur
 */
public record PieceSummary(long samples, SortedSet<String> labels) implements Serializable {

  /** Copies the labels. */
  public PieceSummary {
    labels = new TreeSet<>(labels);
  }

  /** Counts samples one by one. */
  static final class Counter {
    private final SortedSet<String> labels = new TreeSet<>();
    private long samples;

    /** One sample; "" if it has no label. */
    void add(String label) {
      samples++;
      if (!label.isEmpty()) {
        labels.add(label);
      }
    }

    PieceSummary summary() {
      return new PieceSummary(samples, labels);
    }
  }
}
