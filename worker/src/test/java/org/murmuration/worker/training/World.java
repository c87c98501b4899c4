package org.murmuration.worker.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.data.BatchSource;

/** Trains all ranks of a world, each with a replica and a share of the data. */
record World(List<Rank> ranks) {
  private static final int FRAME_BYTES = 8_128;

  /**
   * What one rank saw.
   *
   * @param lossSums of every step, 0 where it had no sample
   * @param counts samples of every step
   */
  record Rank(
      Replica replica, List<Double> lossSums, List<Integer> counts, List<EpochReport> epochs) {}

  /** Gives every rank its share of the data. */
  interface Shares {
    BatchSource of(int rank, int worldSize);
  }

  static World train(
      int worldSize,
      ComputationGraphConfiguration configuration,
      TrainingPlan plan,
      Shares shares) {
    return new World(
        Ranks.inMemory(
            worldSize,
            FRAME_BYTES,
            collective -> trainRank(collective, configuration, plan, shares)));
  }

  static Rank trainRank(
      Collective collective,
      ComputationGraphConfiguration configuration,
      TrainingPlan plan,
      Shares shares) {
    var result =
        new Rank(
            new Replica(Nets.graph(configuration)),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    try (var batches = shares.of(collective.rank(), collective.worldSize())) {
      new TrainingLoop(
              result.replica,
              batches,
              Optional.empty(),
              collective,
              plan,
              new Recorder(batches, result))
          .run(TrainingLoop.Start.after(0));
    }
    return result;
  }

  /** The mean loss of every step over the samples of all ranks. */
  double[] losses() {
    var losses = new double[steps()];
    for (int step = 0; step < losses.length; step++) {
      double sum = 0;
      int count = 0;
      for (var rank : ranks) {
        sum += rank.lossSums.get(step);
        count += rank.counts.get(step);
      }
      losses[step] = sum / count;
    }
    return losses;
  }

  /** Steps that were taken, over all epochs. */
  int steps() {
    return ranks.get(0).lossSums.size();
  }

  List<String> checksums() {
    return ranks.stream().map(rank -> rank.replica.checksum()).toList();
  }

  /** The parameters of rank 0. */
  double[] parameters() {
    return Vectors.doubles(ranks.get(0).replica.graph().params());
  }

  private record Recorder(BatchSource batches, Rank rank) implements TrainingListener {
    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {
      var count = batches.count(step);
      rank.counts.add(count);
      rank.lossSums.add(count == 0 ? 0 : loss * count);
    }

    @Override
    public void epochDone(EpochReport report) {
      rank.epochs.add(report);
    }

    @Override
    public void checkpointDue(
        Position position, EpochTotals underWay, RankState state, boolean ends) {}
  }
}
