package org.murmuration.driver.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.data.DataSetBatches;
import org.murmuration.worker.training.Checkpoint;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.EpochTotals;
import org.murmuration.worker.training.ModelState;
import org.murmuration.worker.training.Position;
import org.murmuration.worker.training.RankState;
import org.murmuration.worker.training.Replica;
import org.murmuration.worker.training.TrainingListener;
import org.murmuration.worker.training.TrainingLoop;
import org.murmuration.worker.training.TrainingPlan;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * One rank of a call of {@code fit}: an epoch over its partition, from the driver's state to a new
 * one.
 */
final class MasterTask implements RankTask<MultiDataSet, MasterTask.Result> {
  private static final long serialVersionUID = 1L;

  private final String network;
  private final Broadcast<byte[]> state;
  private final long seed;
  private final int batchSize;
  private final ComputationSettings computation;
  private final CollectiveSettings averaging;
  private final long jobId;

  /** What a rank returns; only rank 0 returns the state, which is the same on all. */
  static final class Result implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] state;
    private final EpochReport epoch;

    Result(byte[] state, EpochReport epoch) {
      this.state = state;
      this.epoch = epoch;
    }

    ModelState state() throws IOException {
      return Checkpoint.decode(state);
    }

    EpochReport epoch() {
      return epoch;
    }
  }

  /**
   * A task for all ranks.
   *
   * @param network DL4J's JSON of the graph
   * @param state the encoded state to start from
   * @param seed decides the masks of dropout
   */
  MasterTask(
      String network,
      Broadcast<byte[]> state,
      long seed,
      AeronTrainingSettings settings,
      long jobId) {
    this.network = network;
    this.state = state;
    this.seed = seed;
    this.batchSize = settings.batchSizePerRank();
    this.computation = settings.computation();
    this.averaging = settings.averaging();
    this.jobId = jobId;
  }

  @Override
  public Result run(BarrierTaskContext context, Iterator<MultiDataSet> partition)
      throws IOException {
    var rank = new Rank(context);
    rank.prepare(computation.threads());
    var start = Checkpoint.decode(state.value());
    try (var replica = Replica.fromJson(network, computation);
        var batches = DataSetBatches.of(partition, batchSize);
        var collective = rank.connect(averaging, jobId)) {
      replica.restore(start);
      var last = new LastEpoch();
      // One epoch: DL4J's users call fit once for each.
      var plan = new TrainingPlan(start.epoch() + 1, seed, 1, 1);
      new TrainingLoop(replica, batches, Optional.empty(), collective, plan, last)
          .run(TrainingLoop.Start.after(start.epoch()));
      collective.awaitAll();
      return new Result(rank.rank() == 0 ? Checkpoint.encode(replica.state()) : null, last.report);
    }
  }

  /** Keeps the report of the epoch. */
  private static final class LastEpoch implements TrainingListener {
    private EpochReport report;

    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {}

    @Override
    public void epochDone(EpochReport report) {
      this.report = report;
    }

    @Override
    public void checkpointDue(
        Position position, EpochTotals underWay, RankState state, boolean ends) {}
  }
}
