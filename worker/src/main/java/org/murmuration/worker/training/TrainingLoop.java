package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;

/**
 * The training of one rank: batch, gradient, average, update, until the epochs are done. All ranks
 * run the same loop in step; a world of one is no special case.
 */
public final class TrainingLoop {

  /** The test set of a job. */
  public record Test(BatchSource batches, int classes) {}

  private final Replica replica;
  private final BatchSource batches;
  private final Optional<Test> test;
  private final Collective collective;
  private final TrainingPlan plan;
  private final TrainingListener listener;
  private final GradientAveraging averaging;
  private ConfusionMatrix lastTest;

  /**
   * All ranks must create theirs, since they agree on the number of steps here.
   *
   * @throws TrainingException when no rank has a sample
   */
  public TrainingLoop(
      Replica replica,
      BatchSource batches,
      Optional<Test> test,
      Collective collective,
      TrainingPlan plan,
      TrainingListener listener) {
    this.replica = replica;
    this.batches = batches;
    this.test = test;
    this.collective = collective;
    this.plan = plan;
    this.listener = listener;
    this.averaging = GradientAveraging.agree(collective, batches);
    if (averaging.steps() == 0) {
      throw new TrainingException(
          "there is nothing to train on: none of the %d ranks has a sample; see data.source and data.path"
              .formatted(collective.worldSize()));
    }
  }

  /**
   * Trains from the replica's state to the end of the plan.
   *
   * @param firstEpoch epochs already done
   * @return the confusion matrix of the last evaluation, if there was one
   * @throws TrainingException when the loss is no number, or ranks have drifted apart
   */
  public Optional<ConfusionMatrix> run(int firstEpoch) {
    requireSameStart(firstEpoch);
    for (int epoch = firstEpoch; epoch < plan.epochs(); epoch++) {
      var totals = trainEpoch(epoch);
      var report = finishEpoch(epoch, totals);
      listener.epochDone(report);
      if (plan.checkpoints(epoch)) {
        listener.checkpointDue();
      }
    }
    return Optional.ofNullable(lastTest);
  }

  private EpochTotals trainEpoch(int epoch) {
    var phases = new Phases();
    var firstIteration = replica.iteration();
    var begin = System.nanoTime();
    double lossSum = 0;
    long samples = 0;
    for (int step = 0; step < averaging.steps(); step++) {
      replica.moveTo(
          epoch, firstIteration + step, plan.randomSeed(firstIteration + step, collective.rank()));
      phases.begin();
      var loss = computeGradient(epoch, step, phases);
      averaging.average(replica);
      phases.communicationDone();
      replica.update(averaging.globalCount(step));
      phases.computeDone();

      var count = batches.count(step);
      lossSum += loss;
      samples += count;
      listener.stepDone(epoch, step, averaging.steps(), loss / count);
    }
    replica.completed(epoch + 1, firstIteration + averaging.steps());
    return new EpochTotals(lossSum, samples, System.nanoTime() - begin, phases);
  }

  /** The sum of losses over this rank's batch, whose gradient it leaves in the replica. */
  private double computeGradient(int epoch, int step, Phases phases) {
    var count = batches.count(step);
    if (count == 0) {
      replica.zeroGradient();
      phases.computeDone();
      return 0;
    }
    var batch = batches.batch(epoch, step);
    phases.inputDone();
    var loss = replica.computeGradient(batch, count);
    requireFinite(loss, epoch, step);
    phases.computeDone();
    return loss;
  }

  /**
   * Looks at the gradient too, because rectifiers and maximum pooling can make a number of what is
   * none: the loss stays finite while the parameters are ruined.
   */
  private void requireFinite(double loss, int epoch, int step) {
    if (Double.isFinite(loss) && replica.hasFiniteGradient()) {
      return;
    }
    var what =
        Double.isFinite(loss)
            ? "the gradient holds values that are no finite numbers"
            : "the loss is " + loss;
    throw new TrainingException(
        ("%s in epoch %d, step %d of %d, on rank %d; the parameters were not touched by this step."
                + " Lower train.optimizer.learning-rate, add warm-up, or look for broken input;"
                + " checkpoints so far are still good")
            .formatted(what, epoch + 1, step + 1, averaging.steps(), collective.rank()));
  }

  private EpochReport finishEpoch(int epoch, EpochTotals mine) {
    var checksum = replica.checksum();
    requireFiniteParameters(epoch);
    requireSameParameters(epoch, checksum);
    var all = collective.allGather(mine.encode()).stream().map(EpochTotals::decode).toList();
    var result =
        test.filter(t -> plan.evaluates(epoch))
            .map(t -> Evaluator.evaluate(replica, t.batches(), t.classes(), collective));
    result.ifPresent(matrix -> lastTest = matrix);
    return EpochTotals.report(
        epoch,
        averaging.steps(),
        all,
        result.map(ConfusionMatrix::meanLoss).orElse(Double.NaN),
        result.map(ConfusionMatrix::accuracy).orElse(Double.NaN),
        checksum);
  }

  /** The last step's gradient was finite, but its sum over the ranks or its step need not be. */
  private void requireFiniteParameters(int epoch) {
    if (!replica.hasFiniteParameters()) {
      throw new TrainingException(
          ("after epoch %d some parameters are no finite numbers, on rank %d. Lower"
                  + " train.optimizer.learning-rate, add warm-up, or look for broken input;"
                  + " checkpoints so far are still good")
              .formatted(epoch + 1, collective.rank()));
    }
  }

  /** A rank that doesn't see the checkpoint which the others resume from would start anew. */
  private void requireSameStart(int firstEpoch) {
    var starts = gather("epoch %d, parameters %s".formatted(firstEpoch + 1, replica.checksum()));
    if (starts.stream().distinct().count() > 1) {
      throw new TrainingException(
          "the ranks don't start from the same state, by rank: %s. Do all executors see the same output folder and checkpoints? Put --out on a file system that they share"
              .formatted(starts));
    }
  }

  private void requireSameParameters(int epoch, String checksum) {
    var checksums = gather(checksum);
    if (checksums.stream().distinct().count() > 1) {
      throw new TrainingException(
          "after epoch %d the ranks hold different parameters, checksums by rank: %s. Do all executors have the same processor and the same ND4J binary? See 'murmuration doctor'"
              .formatted(epoch + 1, checksums));
    }
  }

  private List<String> gather(String mine) {
    return collective.allGather(mine.getBytes(StandardCharsets.US_ASCII)).stream()
        .map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
        .toList();
  }

  /** One rank's sums over an epoch. */
  private record EpochTotals(
      double lossSum,
      long samples,
      long wallNs,
      long computeNs,
      long communicationNs,
      long inputNs) {
    private static final double NS_PER_SECOND = 1e9;

    EpochTotals(double lossSum, long samples, long wallNs, Phases phases) {
      this(lossSum, samples, wallNs, phases.compute(), phases.communication(), phases.input());
    }

    byte[] encode() {
      return ByteBuffer.allocate(6 * Long.BYTES)
          .putDouble(lossSum)
          .putLong(samples)
          .putLong(wallNs)
          .putLong(computeNs)
          .putLong(communicationNs)
          .putLong(inputNs)
          .array();
    }

    static EpochTotals decode(byte[] bytes) {
      var in = ByteBuffer.wrap(bytes);
      return new EpochTotals(
          in.getDouble(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    static EpochReport report(
        int epoch,
        int steps,
        List<EpochTotals> ranks,
        double testLoss,
        double testAccuracy,
        String checksum) {
      var samples = ranks.stream().mapToLong(EpochTotals::samples).sum();
      var wall = ranks.stream().mapToLong(EpochTotals::wallNs).max().orElse(0) / NS_PER_SECOND;
      return new EpochReport(
          epoch + 1,
          steps,
          samples,
          ranks.stream().mapToDouble(EpochTotals::lossSum).sum() / samples,
          wall,
          samples / wall,
          ranks.stream().mapToLong(EpochTotals::computeNs).average().orElse(0) / NS_PER_SECOND,
          ranks.stream().mapToLong(EpochTotals::communicationNs).average().orElse(0)
              / NS_PER_SECOND,
          ranks.stream().mapToLong(EpochTotals::inputNs).average().orElse(0) / NS_PER_SECOND,
          testLoss,
          testAccuracy,
          checksum);
    }
  }
}
