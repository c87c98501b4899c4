package org.murmuration.worker.training;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How often each class was taken for which, with the summed loss. Sums of the parts that ranks hold
 * are exact.
 */
public final class ConfusionMatrix implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int classes;
  private final long[] counts;
  private double lossSum;

  /** Nothing counted yet. */
  public ConfusionMatrix(int classes) {
    this.classes = classes;
    this.counts = new long[classes * classes];
  }

  /** Counts one sample. */
  public void add(int actual, int predicted, double loss) {
    counts[actual * classes + predicted]++;
    lossSum += loss;
  }

  /** How many samples of class {@code actual} were taken for {@code predicted}. */
  public long count(int actual, int predicted) {
    return counts[actual * classes + predicted];
  }

  /** The number of classes. */
  public int classes() {
    return classes;
  }

  /** All samples. */
  public long samples() {
    return IntStream.range(0, counts.length).mapToLong(i -> counts[i]).sum();
  }

  /** The share of samples classified right; NaN when there are none. */
  public double accuracy() {
    var right = IntStream.range(0, classes).mapToLong(c -> count(c, c)).sum();
    return (double) right / samples();
  }

  /** The mean loss per sample; NaN when there are none. */
  public double meanLoss() {
    return lossSum / samples();
  }

  /** Row by row: actual class, then predicted class. */
  public List<List<Long>> rows() {
    List<List<Long>> rows = new ArrayList<>();
    for (int actual = 0; actual < classes; actual++) {
      var from = actual * classes;
      rows.add(IntStream.range(from, from + classes).mapToObj(i -> counts[i]).toList());
    }
    return Collections.unmodifiableList(rows);
  }

  byte[] encode() {
    var bytes = ByteBuffer.allocate(counts.length * Long.BYTES + Double.BYTES);
    for (long count : counts) {
      bytes.putLong(count);
    }
    return bytes.putDouble(lossSum).array();
  }

  void addEncoded(byte[] encoded) {
    var bytes = ByteBuffer.wrap(encoded);
    for (int i = 0; i < counts.length; i++) {
      counts[i] += bytes.getLong();
    }
    lossSum += bytes.getDouble();
  }
}
