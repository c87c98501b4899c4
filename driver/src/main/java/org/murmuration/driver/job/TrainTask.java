package org.murmuration.driver.job;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.spark.RankTask;
import org.murmuration.driver.ui.Progress;
import org.murmuration.driver.ui.ProgressAccumulator;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.data.PrefetchingBatches;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.health.MemoryUse;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Incident;
import org.murmuration.worker.training.TrainingJob;
import org.murmuration.worker.training.TrainingRank;
import org.murmuration.worker.training.Wish;

/**
 * One rank of {@code train}: takes its share of the images, then joins the others and trains. Ranks
 * are connected after loading, so that one that loads slowly is waited for at Spark's barrier and
 * not by an impatient peer.
 *
 * @param reads whether a rank reads its images itself, instead of finding them in its partition
 * @param deal which images are whose
 * @param leaseId of the run whose driver these ranks listen to
 * @param onStop how long a process that is told to stop waits for a last checkpoint
 * @param memory that the rank takes beside the heap
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
    String leaseId,
    Duration onStop,
    RankMemory memory,
    Broadcast<SerializableConfiguration> hadoop,
    ProgressAccumulator progress)
    implements RankTask<byte[], RankResult> {

  @Override
  public RankResult run(BarrierTaskContext context, Iterator<byte[]> partition) throws IOException {
    var rank = new Rank(context);
    rank.requireRoom(memory);
    rank.prepare(job.computation().threads());
    var configuration = hadoop.value().value();
    var patience = averaging.transport().peerTimeout();
    var delivery = reads ? data.value().reading(configuration) : Delivery.of(partition);
    var loaded = data.value().training(rank, deal, globalBatch, delivery);
    try (var batches = new PrefetchingBatches(loaded.batches(), patience)) {
      var train = new Share(loaded, batches);
      if (!data.value().index().hasTest()) {
        return train(rank, train, Optional.empty());
      }
      var loadedTest = data.value().test(rank, evaluateBatch, delivery);
      try (var test = new PrefetchingBatches(loadedTest.batches(), patience)) {
        return train(rank, train, Optional.of(new Share(loadedTest, test)));
      }
    }
  }

  /** This rank's share of a split, and its batches as they are fetched ahead. */
  private record Share(RankData.Loaded loaded, BatchSource batches) {}

  private RankResult train(Rank rank, Share train, Optional<Share> test) throws IOException {
    var bad = new ArrayList<>(train.loaded.bad());
    test.ifPresent(share -> bad.addAll(share.loaded.bad()));
    try (var collective = rank.connect(averaging, jobId);
        var signal = new StopSignal(() -> {}, onStop)) {
      data.value().requireAll(collective, train.loaded);
      if (test.isPresent()) {
        data.value().requireAll(collective, test.get().loaded);
      }
      allowed.require(collective, bad);
      signal.beginWork();
      var testBatches = test.map(Share::batches);
      if (rank.rank() > 0) {
        return train(rank, collective, train.batches, testBatches, bad, signal::wish);
      }
      // One rank listens to the driver: what it hears all get to know.
      try (var orders =
          RunOrders.reading(new Path(job.folder()), leaseId, hadoop.value().value())) {
        return train(
            rank,
            collective,
            train.batches,
            testBatches,
            bad,
            () -> signal.wish().or(orders.wish()));
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      // Here the images still have theirs.
      MemoryUse.throwIfLacking(e);
      throw e;
    }
  }

  private RankResult train(
      Rank rank,
      Collective collective,
      BatchSource train,
      Optional<BatchSource> test,
      List<BadSample> bad,
      Supplier<Wish> wish) {
    var reporter = new Reporter(rank.rank(), wish);
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

  /** Notes when training begins; on rank 0, tells the driver how far the job is. */
  private final class Reporter implements TrainingRank.Observer {
    private static final double NS_PER_SECOND = 1e9;

    private final boolean reports;
    private final Supplier<Wish> wish;
    private final List<Incident> incidents = new CopyOnWriteArrayList<>();
    private List<EpochReport> done = List.of();
    private int epoch = -1;
    private long epochStart;
    private int firstOfEpoch;
    private double lossSum;
    private Instant firstStep;

    Reporter(int rank, Supplier<Wish> wish) {
      this.reports = rank == 0;
      this.wish = wish;
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
        firstOfEpoch = step;
        lossSum = 0;
      }
      lossSum += loss;
      // The first step starts the clock, so it is not counted.
      var timed = step - firstOfEpoch;
      var rate = timed * (double) globalBatch * NS_PER_SECOND / (System.nanoTime() - epochStart);
      progress.add(
          new Progress(
              epoch + 1,
              job.plan().epochs(),
              step + 1,
              steps,
              lossSum / (timed + 1),
              rate,
              done,
              List.copyOf(incidents),
              firstStep));
    }

    @Override
    public void happened(Incident incident) {
      incidents.add(incident);
    }

    @Override
    public Wish wish() {
      return wish.get();
    }

    @Override
    public void epochsDone(List<EpochReport> epochs) {
      done = epochs;
    }
  }
}
