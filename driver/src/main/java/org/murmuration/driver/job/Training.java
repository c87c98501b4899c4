package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.RankLostException;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.ui.ProgressDisplay;
import org.murmuration.driver.ui.ProgressListener;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.training.Position;
import org.murmuration.worker.training.TrainingJob;
import org.murmuration.worker.training.Wish;

/** The ranks of a job at work: round after round, attempt after attempt. */
final class Training {
  private final JobConf conf;
  private final JavaSparkContext spark;
  private final Broadcast<SerializableConfiguration> configuration;
  private final DataIndex index;
  private final Broadcast<RankData> rankData;
  private final TrainingJob job;
  private final RankMemory memory;
  private final RunLease lease;
  private final Crew crew;
  private final Recovery recovery;
  private final ProgressDisplay display;
  private final ProgressListener progress;
  private final PrintStream out;

  Training(
      JobConf conf,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> configuration,
      DataIndex index,
      Broadcast<RankData> rankData,
      TrainingJob job,
      RankMemory memory,
      RunLease lease,
      Crew crew,
      Recovery recovery,
      ProgressDisplay display,
      ProgressListener progress,
      PrintStream out) {
    this.conf = conf;
    this.spark = spark;
    this.configuration = configuration;
    this.index = index;
    this.rankData = rankData;
    this.job = job;
    this.memory = memory;
    this.lease = lease;
    this.crew = crew;
    this.recovery = recovery;
    this.display = display;
    this.progress = progress;
    this.out = out;
  }

  /** Lets the ranks save and stop; returns at once. */
  void stop() {
    out.printf(
        "stopping    a checkpoint comes first, within %d s (checkpoint.on-stop)%n",
        conf.checkpoint().onStop().toSeconds());
    lease.request(Wish.STOP);
  }

  /** Whether there is nothing left to train. */
  boolean isOver(List<RankResult> results) {
    var training = results.get(0).training();
    return training.end().epoch() >= conf.train().epochs()
        || conf.train().best().isOver(training.epochs());
  }

  /**
   * Round after round, until the epochs or the patience are at their end, or the process is told to
   * stop.
   */
  List<RankResult> run(Position start, StopSignal signal) throws IOException {
    var rounds = new Rounds(conf.train(), start);
    var dealer =
        new SampleDealer(
            spark,
            rankData,
            configuration,
            recovery.ranks(),
            conf.data().rereadLimitBytes(),
            rounds.dealsAnew());
    if (!dealer.ranksRead()) {
      out.printf("data        is read once and dealt to the ranks by a shuffle%n");
    }
    List<RankResult> results = List.of();
    for (var round : rounds.left()) {
      var deal = new Deal(conf.train().seed(), round.number(), index.train().samples());
      var before = results;
      Recovery.Attempt attempt =
          new Recovery.Attempt() {
            @Override
            public List<RankResult> run(Position from, int ranks) throws IOException {
              var task = task(from, round.until(), dealer.ranksRead(), deal);
              return atWork(dealer, deal, ranks, task, signal);
            }

            @Override
            public boolean isDone(Position end, List<RankResult> found) {
              return end.epoch() >= round.until() || isOver(found) || signal.told();
            }
          };
      results =
          recovery.run(round.from(), attempt).stream().map(result -> result.after(before)).toList();
      var epochs = results.get(0).training().epochs();
      epochs.forEach(epoch -> display.epochDone(epoch, conf.train().epochs()));
      if (isOver(results) || signal.told()) {
        break;
      }
    }
    return results;
  }

  private TrainTask task(Position from, int until, boolean ranksRead, Deal deal) {
    return new TrainTask(
        job.part(from, until),
        rankData,
        ranksRead,
        deal,
        BadSamples.of(conf.data().maxBad(), index.samples()),
        TrainSetup.averaging(conf),
        UUID.randomUUID().getMostSignificantBits(),
        conf.train().batchSize(),
        conf.evaluate().batchSize(),
        lease.id(),
        conf.checkpoint().onStop(),
        memory,
        configuration,
        progress.accumulator());
  }

  private List<RankResult> atWork(
      SampleDealer dealer, Deal deal, int ranks, TrainTask task, StopSignal signal)
      throws IOException {
    lease.request(signal.told() ? Wish.STOP : Wish.GO_ON);
    var samples = dealer.training(deal, conf.train().batchSize(), ranks);
    signal.beginWork();
    try (var watch = new Watch(spark.sc(), lease, () -> crew.canGrow(ranks))) {
      watch.begin();
      return new BarrierStage(spark).run(samples, task);
    } catch (RankLostException e) {
      dealer.forget();
      if (signal.told()) {
        throw new JobFailedException(
            "the process was told to stop, and before a last checkpoint " + e.getMessage(), e);
      }
      throw e;
    } finally {
      signal.endWork();
    }
  }
}
