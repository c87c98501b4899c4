package org.murmuration.driver.job;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.murmuration.driver.conf.MaxBad;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ChunkReport;

/** Counts bad samples while they are found, and stops the job once there are too many. */
final class BadTally {
  private final MaxBad maxBad;
  private final OptionalLong expected;
  private final List<String> examples = new ArrayList<>();
  private long samples;
  private long bad;

  /**
   * Nothing counted yet.
   *
   * @param expected how many samples there will be, if that is known
   */
  BadTally(MaxBad maxBad, OptionalLong expected) {
    this.maxBad = maxBad;
    this.expected = expected;
  }

  void add(ChunkReport report) {
    samples += report.samples();
    add(report.bad());
  }

  void add(List<BadSample> found) {
    bad += found.size();
    found.stream()
        .limit(Math.max(0, BadSamples.SHOWN - examples.size()))
        .map(BadSample::describe)
        .forEach(examples::add);
  }

  /**
   * Where it is known how many samples there will be, nobody waits for the end.
   *
   * @throws JobRefusedException when there are too many bad ones already
   */
  void requireFewBadSoFar() {
    expected.ifPresent(this::require);
  }

  /**
   * Once all are counted.
   *
   * @throws JobRefusedException when there are too many bad ones
   */
  void requireFewBad() {
    require(samples);
  }

  private void require(long all) {
    BadSamples.of(maxBad, all)
        .complaint(bad, examples)
        .ifPresent(
            complaint -> {
              throw new JobRefusedException(
                  complaint + "\nWhat was prepared stays: the same command goes on from there");
            });
  }
}
