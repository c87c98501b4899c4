package org.murmuration.worker.training;

import java.io.Serializable;
import org.murmuration.worker.data.SampleTally;

/**
 * Which samples an epoch had, over all ranks, beside those that it should have had: see {@link
 * SampleTally}.
 *
 * @param samples that were trained on
 * @param hash of their numbers
 * @param expectedSamples all that the ranks hold
 * @param expectedHash of their numbers
 */
public record Coverage(long samples, String hash, long expectedSamples, String expectedHash)
    implements Serializable {

  static Coverage of(SampleTally seen, SampleTally expected) {
    return new Coverage(
        seen.samples(),
        Long.toHexString(seen.hash()),
        expected.samples(),
        Long.toHexString(expected.hash()));
  }

  /** Whether every sample was trained on once. */
  public boolean everySampleOnce() {
    return samples == expectedSamples && hash.equals(expectedHash);
  }
}
