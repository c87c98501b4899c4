package org.murmuration.driver.job;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.driver.spark.RankTask;
import org.murmuration.driver.ui.Progress;
import org.murmuration.driver.ui.ProgressAccumulator;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.data.PrefetchingBatches;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.TrainingJob;
import org.murmuration.worker.training.TrainingRank;

/**
 * One rank of {@code train}: takes its share of the images, then joins the others and trains. Ranks
 * are connected after loading, so that one that loads slowly is waited for at Spark's barrier and
 * not by an impatient peer.
 *
 * @param reads whether a rank reads its images itself, instead of finding them in its partition
 * @param deal which images are whose
 */
record TrainTask(
    TrainingJob job,
    Broadcast<RankData> data,
    boolean reads,
    Deal deal,
    BadSamples allowed,
    CollectiveSettings averaging,
    long jobId,
    int globalBatch,
    int evaluateBatch,
    Broadcast<SerializableConfiguration> hadoop,
    ProgressAccumulator progress)
    implements RankTask<byte[], RankResult> {

  @Override
  public RankResult run(BarrierTaskContext context, Iterator<byte[]> partition) throws IOException {
    var rank = new Rank(context);
    rank.prepare(job.computation().threads());
    var configuration = hadoop.value().value();
    var patience = averaging.transport().peerTimeout();
    var delivery = reads ? data.value().reading(configuration) : Delivery.of(partition);
    var loaded = data.value().training(rank, deal, globalBatch, delivery);
    try (var train = new PrefetchingBatches(loaded.batches(), patience)) {
      var bad = new ArrayList<>(loaded.bad());
      if (!data.value().index().hasTest()) {
        return train(rank, train, Optional.empty(), bad);
      }
      var loadedTest = data.value().test(rank, evaluateBatch, delivery);
      bad.addAll(loadedTest.bad());
      try (var test = new PrefetchingBatches(loadedTest.batches(), patience)) {
        return train(rank, train, Optional.of(test), bad);
      }
    }
  }

  private RankResult train(
      Rank rank, BatchSource train, Optional<BatchSource> test, List<BadSample> bad)
      throws IOException {
    allowed.require(rank, bad);
    try (var collective = rank.connect(averaging, jobId)) {
      var reporter = new Reporter(rank.rank());
      var result =
          new TrainingRank(job, collective, hadoop.value().value()).run(train, test, reporter);
      collective.awaitAll();
      return new RankResult(
          rank.rank(),
          rank.host(),
          rank.executorId(),
          NativeBackend.info(),
          result,
          bad,
          reporter.firstStep,
          collective.droppedFrames());
    }
  }

  /** Notes when training begins; on rank 0, tells the driver how far the job is. */
  private final class Reporter implements TrainingRank.Observer {
    private static final double NS_PER_SECOND = 1e9;

    private final boolean reports;
    private List<EpochReport> done = List.of();
    private int epoch = -1;
    private long epochStart;
    private double lossSum;
    private Instant firstStep;

    Reporter(int rank) {
      this.reports = rank == 0;
    }

    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {
      if (firstStep == null) {
        firstStep = Instant.now();
      }
      if (!reports) {
        return;
      }
      if (epoch != this.epoch) {
        this.epoch = epoch;
        epochStart = System.nanoTime();
        lossSum = 0;
      }
      lossSum += loss;
      // The first step starts the clock, so it is not counted.
      var rate = step * (double) globalBatch * NS_PER_SECOND / (System.nanoTime() - epochStart);
      progress.add(
          new Progress(
              epoch + 1, job.plan().epochs(), step + 1, steps, lossSum / (step + 1), rate, done));
    }

    @Override
    public void epochsDone(List<EpochReport> epochs) {
      done = epochs;
    }
  }
}
