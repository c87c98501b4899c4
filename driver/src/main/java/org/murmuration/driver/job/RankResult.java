package org.murmuration.driver.job;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.training.TrainingResult;

/**
 * What a rank returns to the driver.
 *
 * @param rank 0 to world size - 1
 * @param host where its executor runs
 * @param executorId Spark's name for it
 * @param backend what it computed with
 * @param training what it came to
 * @param bad images of its share that couldn't be decoded
 * @param firstStepOrNull when its first step was done; null when it had none to do
 * @param droppedFrames what came to its port and was not of this job
 */
record RankResult(
    int rank,
    String host,
    String executorId,
    NativeBackend.Info backend,
    TrainingResult training,
    List<BadSample> bad,
    Instant firstStepOrNull,
    long droppedFrames)
    implements Serializable {

  /** When its first step was done; empty when it had none to do. */
  Optional<Instant> firstStep() {
    return Optional.ofNullable(firstStepOrNull);
  }

  /** The same with what was dropped in the runs before. */
  RankResult after(List<RankResult> before) {
    long earlier =
        before.stream().filter(r -> r.rank == rank).mapToLong(r -> r.droppedFrames).sum();
    return new RankResult(
        rank, host, executorId, backend, training, bad, firstStepOrNull, droppedFrames + earlier);
  }
}
