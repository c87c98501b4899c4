package org.murmuration.worker.accel.plan;

import java.util.Arrays;
import java.util.List;

/**
 * What a step found out about each sample of its batch, in the order of the batch.
 *
 * @param losses without regularisation; empty where they aren't known
 * @param predicted the class with the largest probability; as long as the losses
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
public record SampleLosses(float[] losses, int[] predicted) {
  /** Of networks that don't tell. */
  public static final SampleLosses UNKNOWN = new SampleLosses(new float[0], new int[0]);

  /** Those of parts of a batch, one after the other; unknown if any is. */
  public static SampleLosses joined(List<SampleLosses> parts) {
    if (parts.stream().anyMatch(part -> part.losses.length == 0)) {
      return UNKNOWN;
    }
    int samples = parts.stream().mapToInt(part -> part.losses.length).sum();
    var losses = new float[samples];
    var predicted = new int[samples];
    int at = 0;
    for (var part : parts) {
      System.arraycopy(part.losses, 0, losses, at, part.losses.length);
      System.arraycopy(part.predicted, 0, predicted, at, part.predicted.length);
      at += part.losses.length;
    }
    return new SampleLosses(losses, predicted);
  }

  /** A copy that a later step doesn't change. */
  public SampleLosses copy() {
    return new SampleLosses(
        Arrays.copyOf(losses, losses.length), Arrays.copyOf(predicted, predicted.length));
  }
}
