package org.murmuration.worker.accel.plan;

import java.util.List;

/**
 * What a step found out about each sample of its batch, in the order of the batch.
 *
 * @param losses without regularisation; empty where they aren't known
 * @param gradientNorms the norms of their losses' gradients with respect to the logits, which bound
 *     those of all gradients but for a factor that samples share (Katharopoulos and Fleuret 2018);
 *     as long as the losses
 * @param predicted the class with the largest probability; as long as the losses
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
public record SampleLosses(float[] losses, float[] gradientNorms, int[] predicted) {
  /** Of networks that don't tell. */
  public static final SampleLosses UNKNOWN = of(0);

  /** Room for so many samples. */
  public static SampleLosses of(int samples) {
    return new SampleLosses(new float[samples], new float[samples], new int[samples]);
  }

  /** Those of parts of a batch, one after the other; unknown if any is. */
  public static SampleLosses joined(List<SampleLosses> parts) {
    if (parts.stream().anyMatch(part -> part.losses.length == 0)) {
      return UNKNOWN;
    }
    int samples = parts.stream().mapToInt(part -> part.losses.length).sum();
    var all = of(samples);
    int at = 0;
    for (var part : parts) {
      System.arraycopy(part.losses, 0, all.losses, at, part.losses.length);
      System.arraycopy(part.gradientNorms, 0, all.gradientNorms, at, part.losses.length);
      System.arraycopy(part.predicted, 0, all.predicted, at, part.losses.length);
      at += part.losses.length;
    }
    return all;
  }

  /** A copy that a later step doesn't change. */
  public SampleLosses copy() {
    return joined(List.of(this));
  }
}
