package org.murmuration.worker.training;

import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Feedback;
import org.murmuration.worker.data.SampleNumbers;
import org.murmuration.worker.data.SampleTally;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * One step of a rank: batch, gradient, average, update. Numbers that are not finite are found
 * before the update, on all ranks in the same step, because a gradient that isn't finite makes the
 * sum that all ranks get so.
 */
final class TrainingStep {
  private final Replica replica;
  private final BatchSource batches;
  private final Collective collective;
  private final TrainingPlan plan;
  private final GlobalCounts counts;
  private final Synchronizer synchronizer;
  private final LossLedger ledger;

  /** Of the step under way; null where this rank has no samples in it. */
  private MultiDataSet batch;

  TrainingStep(
      Replica replica,
      BatchSource batches,
      Collective collective,
      TrainingPlan plan,
      GlobalCounts counts,
      Synchronizer synchronizer,
      LossLedger ledger) {
    this.replica = replica;
    this.batches = batches;
    this.collective = collective;
    this.plan = plan;
    this.counts = counts;
    this.synchronizer = synchronizer;
    this.ledger = ledger;
  }

  /**
   * What a step came to.
   *
   * @param lossSum over this rank's samples
   * @param samples of this rank
   * @param bad what was wrong, over all ranks that looked; empty when the update was made
   */
  record Result(double lossSum, SampleTally samples, Optional<List<Diagnosis>> bad) {}

  /** Takes a step of an epoch, or all of it but the update. */
  Result take(int epoch, int step, Phases phases) {
    phases.begin();
    var listener = synchronizer.begin(step);
    var loss = computeGradient(epoch, step, listener, phases);
    if (!Double.isFinite(loss)) {
      // Rectifiers can make a finite gradient of an infinite loss; the others must see it, too.
      replica.spoilGradient();
    }
    collective.announce("averaging", replica.iteration() + 1L);
    synchronizer.await(step);
    phases.averagingDone();
    if (!replica.hasFiniteGradient()) {
      var bad = diagnose(step);
      synchronizer.leaveOut(step, phases);
      return new Result(0, SampleTally.NONE, Optional.of(bad));
    }
    tell(epoch, step);
    clipGradient(step);
    phases.computeDone();
    synchronizer.update(step, phases);
    phases.computeDone();
    return new Result(loss, tally(step), Optional.empty());
  }

  /** The sum of losses over this rank's batch, whose gradient it leaves in the replica. */
  private double computeGradient(int epoch, int step, GradientListener parts, Phases phases) {
    var count = batches.count(step);
    batch = null;
    if (count == 0) {
      replica.zeroGradient();
      phases.computeDone();
      return 0;
    }
    collective.announce("loading", replica.iteration() + 1L);
    batch = batches.batch(epoch, step);
    phases.inputDone();
    collective.announce("computing", replica.iteration() + 1L);
    var loss = replica.computeGradient(batch, count, parts);
    phases.computeDone();
    return loss;
  }

  /**
   * The gradient is a sum by now, so computing it again tells whether this rank has spoilt it; with
   * parameter averaging it is this rank's anyway, and the others don't look.
   */
  private List<Diagnosis> diagnose(int step) {
    var rank = collective.rank();
    var mine = Diagnosis.good(rank);
    if (batch != null) {
      var loss = replica.computeGradient(batch, batches.count(step));
      if (!Double.isFinite(loss) || !replica.hasFiniteGradient()) {
        mine = Diagnosis.of(rank, replica, batch);
      }
    }
    return plan.averaging().every() > 1
        ? List.of(mine)
        : collective.allGather(mine.encode()).stream().map(Diagnosis::decode).toList();
  }

  /** Tells what was found out about the samples. */
  private void tell(int epoch, int step) {
    if (batch == null) {
      return;
    }
    var found = replica.sampleLosses();
    if (plan.suspects() > 0) {
      ledger.add(epoch, batch, found);
    }
    batches
        .feedback()
        .filter(Feedback::wantsScores)
        .ifPresent(feedback -> feedback.record(epoch, step, scores(found)));
  }

  private float[] scores(SampleLosses found) {
    if (found.losses().length == 0) {
      throw new TrainingException(
          "train.feed goes by the loss of each image, which this network doesn't tell: only compiled classifiers do, see 'murmuration describe'");
    }
    return plan.feedback().score().of(found);
  }

  /** Where ranks take steps of their own, each clips its own gradient. */
  private void clipGradient(int step) {
    int count = plan.averaging().every() == 1 ? counts.of(step) : batches.count(step);
    if (plan.clipNorm() > 0 && count > 0) {
      replica.clipGradient(count, plan.clipNorm());
    }
  }

  private SampleTally tally(int step) {
    var numbers = batch == null ? List.<Long>of() : SampleNumbers.of(batch);
    return numbers.isEmpty() ? new SampleTally(batches.count(step), 0) : SampleTally.of(numbers);
  }
}
