package org.murmuration.worker.training;

import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveException;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Feedback;

/**
 * The training of one rank: batch, gradient, average, update, until the epochs are done. All ranks
 * run the same loop in step; a world of one is no special case.
 */
public final class TrainingLoop {

  private static final String SCORES = "scores of images";

  /** The test set of a job. */
  public record Test(BatchSource batches, int classes) {}

  private final Replica replica;
  private final BatchSource batches;
  private final Optional<Test> test;
  private final Collective collective;
  private final TrainingPlan plan;
  private final TrainingListener listener;
  private final GlobalCounts counts;
  private final LossLedger ledger = new LossLedger();
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
    this.counts = GlobalCounts.agree(collective, batches);
    if (counts.steps() == 0) {
      throw new TrainingException(
          "there is nothing to train on: none of the %d ranks has a sample; see data.source and data.path"
              .formatted(collective.worldSize()));
    }
  }

  /**
   * Trains from the replica's state to where the plan lets this run end.
   *
   * @param firstEpoch epochs already done
   * @param state what this rank alone knew after them; empty to start with nothing
   * @return the confusion matrix of the last evaluation, if there was one
   * @throws TrainingException when the loss is no number, or ranks have drifted apart
   */
  public Optional<ConfusionMatrix> run(int firstEpoch, Optional<RankState> state) {
    requireSameStart(firstEpoch);
    try (var synchronizer = synchronizer()) {
      state.ifPresent(kept -> restore(kept, synchronizer));
      for (int epoch = firstEpoch; epoch < plan.until() && listener.goesOn(); epoch++) {
        var totals = trainEpoch(epoch, synchronizer);
        var report = finishEpoch(epoch, totals);
        listener.epochDone(report);
        if (plan.checkpoints(epoch) || !listener.goesOn()) {
          collective.announce("saving", replica.iteration());
          listener.checkpointDue(state(synchronizer));
        }
      }
    }
    return Optional.ofNullable(lastTest);
  }

  /**
   * After training: this rank's samples that may be among the plan's share of all with the highest
   * losses; all ranks must call it.
   */
  public List<Suspect> suspects() {
    return plan.suspects() > 0 ? ledger.suspects(plan.suspects(), collective) : List.of();
  }

  /** What this rank alone knows: of averaging, and of its images. */
  private RankState state(Synchronizer synchronizer) {
    var values = new TreeMap<>(synchronizer.state().values());
    scored().ifPresent(feedback -> values.put(SCORES, FloatBuffer.wrap(feedback.scores())));
    return new RankState(values);
  }

  private void restore(RankState state, Synchronizer synchronizer) {
    synchronizer.restore(state);
    scored()
        .ifPresent(
            feedback -> {
              var scores = new float[Math.toIntExact(batches.samples())];
              state.get(SCORES, scores.length).get(scores);
              feedback.restore(scores);
            });
  }

  private Optional<Feedback> scored() {
    return batches.feedback().filter(Feedback::wantsScores);
  }

  private Synchronizer synchronizer() {
    var averaging = plan.averaging();
    return averaging.every() == 1
        ? new GradientAveraging(replica, collective, counts, averaging.bucketBytes())
        : new ParameterAveraging(replica, batches, collective, counts, averaging);
  }

  private EpochTotals trainEpoch(int epoch, Synchronizer synchronizer) {
    var phases = new Phases();
    var busyBefore = synchronizer.busyNs();
    var firstIteration = replica.iteration();
    var begin = System.nanoTime();
    double lossSum = 0;
    long samples = 0;
    for (int step = 0; step < counts.steps(); step++) {
      replica.moveTo(
          epoch, firstIteration + step, plan.randomSeed(firstIteration + step, collective.rank()));
      phases.begin();
      var loss = computeGradient(epoch, step, synchronizer.begin(step), phases);
      collective.announce("averaging", replica.iteration() + 1L);
      synchronizer.await(step);
      phases.averagingDone();
      requireFiniteGradient(epoch, step);
      clipGradient(step);
      phases.computeDone();
      synchronizer.update(step, phases);
      phases.computeDone();

      var count = batches.count(step);
      lossSum += loss;
      samples += count;
      listener.stepDone(epoch, step, counts.steps(), loss / count);
    }
    replica.completed(epoch + 1, firstIteration + counts.steps());
    return new EpochTotals(
        lossSum, samples, System.nanoTime() - begin, phases, synchronizer.busyNs() - busyBefore);
  }

  /** The sum of losses over this rank's batch, whose gradient it leaves in the replica. */
  private double computeGradient(int epoch, int step, GradientListener parts, Phases phases) {
    var count = batches.count(step);
    if (count == 0) {
      replica.zeroGradient();
      phases.computeDone();
      return 0;
    }
    collective.announce("loading", replica.iteration() + 1L);
    var batch = batches.batch(epoch, step);
    phases.inputDone();
    collective.announce("computing", replica.iteration() + 1L);
    var loss = replica.computeGradient(batch, count, parts);
    if (plan.suspects() > 0) {
      ledger.add(epoch, batch, replica.sampleLosses());
    }
    scored().ifPresent(feedback -> tell(feedback, epoch, step));
    if (!Double.isFinite(loss)) {
      throw ruined("the loss is " + loss, epoch, step);
    }
    phases.computeDone();
    return loss;
  }

  private void tell(Feedback feedback, int epoch, int step) {
    var found = replica.sampleLosses();
    if (found.losses().length == 0) {
      throw new TrainingException(
          "train.feed goes by the loss of each image, which this network doesn't tell: only compiled classifiers do, see 'murmuration describe'");
    }
    feedback.record(epoch, step, plan.feedback().score().of(found));
  }

  /**
   * Looks at the gradient too, because rectifiers and maximum pooling can make a number of what is
   * none: the loss stays finite while the parameters are ruined. The gradient is a sum by now; so
   * computing it again tells whether this rank has spoilt it.
   */
  private void requireFiniteGradient(int epoch, int step) {
    if (replica.hasFiniteGradient()) {
      return;
    }
    var count = batches.count(step);
    if (count > 0) {
      replica.computeGradient(batches.batch(epoch, step), count);
      if (!replica.hasFiniteGradient()) {
        throw ruined("the gradient holds values that are no finite numbers", epoch, step);
      }
    }
    throw new CollectiveException(
        "the sum of the ranks' gradients holds values that are no finite numbers, in epoch %d, step %d of %d; rank %d's own are good, so see the other ranks' errors, or lower train.optimizer.learning-rate"
            .formatted(epoch + 1, step + 1, counts.steps(), collective.rank()));
  }

  private TrainingException ruined(String what, int epoch, int step) {
    return new TrainingException(
        ("%s in epoch %d, step %d of %d, on rank %d; the parameters were not touched by this step."
                + " Lower train.optimizer.learning-rate, add warm-up, or look for broken input;"
                + " checkpoints so far are still good")
            .formatted(what, epoch + 1, step + 1, counts.steps(), collective.rank()));
  }

  /** Where ranks take steps of their own, each clips its own gradient. */
  private void clipGradient(int step) {
    int count = plan.averaging().every() == 1 ? counts.of(step) : batches.count(step);
    if (plan.clipNorm() > 0 && count > 0) {
      replica.clipGradient(count, plan.clipNorm());
    }
  }

  private EpochReport finishEpoch(int epoch, EpochTotals mine) {
    collective.announce("evaluating", replica.iteration());
    var checksum = replica.checksum();
    requireFiniteParameters(epoch);
    requireSameParameters(epoch, checksum);
    var all = collective.allGather(mine.encode()).stream().map(EpochTotals::decode).toList();
    var result =
        test.filter(t -> plan.evaluates(epoch))
            .map(
                t ->
                    replica.withAverage(
                        () -> Evaluator.evaluate(replica, t.batches(), t.classes(), collective)));
    result.ifPresent(matrix -> lastTest = matrix);
    return EpochTotals.report(
        epoch,
        counts.steps(),
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
}
