package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.SampleTally;

/**
 * The training of one rank: step after step, until the epochs are done or the run is to stop. All
 * ranks run the same loop in step; a world of one is no special case.
 */
public final class TrainingLoop {

  /** The test set of a job. */
  public record Test(BatchSource batches, int classes) {}

  /**
   * Where a run begins.
   *
   * @param at what is done
   * @param state what this rank alone knew then; empty to start with nothing
   * @param underWay what is this rank's of what is done of the epoch under way
   * @param leftOut steps of that epoch that were left out
   */
  public record Start(Position at, Optional<RankState> state, EpochTotals underWay, int leftOut) {
    /** At the end of so many epochs, with nothing that this rank alone knows. */
    public static Start after(int epochs) {
      return new Start(Position.after(epochs), Optional.empty(), EpochTotals.NONE, 0);
    }
  }

  /**
   * Where a run ended.
   *
   * @param at what is done
   * @param lastTest the confusion matrix of the last evaluation, if there was one
   */
  public record End(Position at, Optional<ConfusionMatrix> lastTest) {}

  private final Replica replica;
  private final BatchSource batches;
  private final Optional<Test> test;
  private final Collective collective;
  private final TrainingPlan plan;
  private final TrainingListener listener;
  private final GlobalCounts counts;
  private final SampleTally expected;
  private final LossLedger ledger = new LossLedger();
  private final ImageMemory images;
  private Optional<ConfusionMatrix> lastTest = Optional.empty();
  private int leftOut;

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
    this.images = new ImageMemory(batches, ledger, plan.suspects() > 0);
    this.counts = GlobalCounts.agree(collective, batches);
    if (counts.steps() == 0) {
      throw new TrainingException(
          "there is nothing to train on: none of the %d ranks has a sample; see data.source and data.path"
              .formatted(collective.worldSize()));
    }
    this.expected = expected();
  }

  /** All samples of all ranks. */
  private SampleTally expected() {
    var numbers = batches.numbers();
    var mine =
        numbers.length == 0
            ? new SampleTally(batches.samples(), 0)
            : SampleTally.of(Arrays.stream(numbers).boxed().toList());
    var message =
        ByteBuffer.allocate(2 * Long.BYTES).putLong(mine.samples()).putLong(mine.hash()).array();
    return collective.allGather(message).stream()
        .map(ByteBuffer::wrap)
        .map(theirs -> new SampleTally(theirs.getLong(), theirs.getLong()))
        .reduce(SampleTally.NONE, SampleTally::plus);
  }

  /**
   * Trains from the replica's state to where the plan lets this run end, or where a rank wishes it
   * to stop.
   *
   * @throws TrainingException when numbers go bad, or ranks have drifted apart
   */
  public End run(Start start) {
    requireSameStart(start.at());
    leftOut = start.leftOut();
    try (var synchronizer = synchronizer()) {
      start
          .state()
          .ifPresent(
              kept -> {
                synchronizer.restore(kept);
                images.restore(kept, start.at());
              });
      return new End(new Run(synchronizer).from(start.at(), start.underWay()), lastTest);
    }
  }

  /** A run under way. */
  private final class Run {
    private final Synchronizer synchronizer;
    private final TrainingStep step;
    private final RollCall rollCall =
        new RollCall(collective, listener::wish, listener::wantsCheckpoint);

    Run(Synchronizer synchronizer) {
      this.synchronizer = synchronizer;
      this.step =
          new TrainingStep(replica, batches, collective, plan, counts, synchronizer, ledger);
    }

    Position from(Position start, EpochTotals done) {
      var at = start;
      var totals = done;
      var wish = Wish.GO_ON;
      while (at.epoch() < plan.until() && listener.goesOn() && wish == Wish.GO_ON) {
        var epoch = new EpochRun(at, totals);
        epoch.run();
        if (epoch.stepsDone < counts.steps()) {
          return new Position(at.epoch(), epoch.stepsDone);
        }
        listener.epochDone(finishEpoch(at.epoch(), epoch.totals()));
        at = Position.after(at.epoch() + 1);
        totals = EpochTotals.NONE;
        leftOut = 0;
        wish = rollCall.hold().wish();
        var ends = at.epoch() >= plan.until() || !listener.goesOn() || wish != Wish.GO_ON;
        if (ends || plan.savesAfter(at.epoch() - 1)) {
          save(at, totals, ends);
        }
      }
      return at;
    }

    private void save(Position at, EpochTotals underWay, boolean ends) {
      collective.announce("saving", replica.iteration());
      listener.checkpointDue(at, underWay, images.beside(synchronizer.state()), ends);
    }

    /** The steps of an epoch, or those that are left of it. */
    private final class EpochRun {
      private final Phases phases = new Phases();
      private final long begin = System.nanoTime();
      private final long busyBefore = synchronizer.busyNs();
      private final int epoch;
      private final EpochTotals before;
      private final int firstIteration;
      private int stepsDone;
      private double lossSum;
      private SampleTally seen = SampleTally.NONE;

      EpochRun(Position from, EpochTotals before) {
        this.epoch = from.epoch();
        this.before = before;
        this.stepsDone = from.step();
        this.firstIteration = replica.iteration() - stepsDone;
        this.lossSum = before.lossSum();
      }

      EpochTotals totals() {
        return before.and(
            lossSum, seen, System.nanoTime() - begin, phases, synchronizer.busyNs() - busyBefore);
      }

      /** Takes steps to the end of the epoch, or until the run is to stop. */
      void run() {
        while (stepsDone < counts.steps()) {
          take(stepsDone);
          stepsDone++;
          replica.completed(epoch, firstIteration + stepsDone);
          var decision = rollCall.afterStep();
          var stops = decision.wish() == Wish.STOP;
          // At the end of the epoch its report comes first.
          if (stepsDone < counts.steps()) {
            if (stops || decision.save() || plan.checkpoints().isDueAfterStep(stepsDone)) {
              save(new Position(epoch, stepsDone), totals(), stops);
            }
            if (stops) {
              return;
            }
          }
        }
        replica.completed(epoch + 1, firstIteration + counts.steps());
      }

      private void take(int number) {
        var iteration = firstIteration + number;
        replica.moveTo(epoch, iteration, plan.randomSeed(iteration, collective.rank()));
        var result = step.take(epoch, number, phases);
        if (result.bad().isPresent()) {
          goOnWithout(number, Diagnosis.together(result.bad().get()));
          return;
        }
        lossSum += result.lossSum();
        seen = seen.plus(result.samples());
        listener.stepDone(epoch, number, counts.steps(), result.lossSum() / batches.count(number));
      }

      private void goOnWithout(int number, String what) {
        leftOut++;
        var numbers = plan.numbers();
        if (numbers.onNan() == NumbersPlan.OnNan.STOP || leftOut > numbers.mostPerEpoch()) {
          throw ruined(number, what);
        }
        var kind = Incident.Kind.LEFT_OUT;
        if (numbers.onNan() == NumbersPlan.OnNan.ROLLBACK) {
          listener.rollBack().ifPresent(synchronizer::restore);
          kind = Incident.Kind.ROLLED_BACK;
        }
        listener.happened(new Incident(kind, epoch + 1, number + 1, what));
      }

      private TrainingException ruined(int number, String what) {
        var most = plan.numbers().mostPerEpoch();
        return new TrainingException(
            ("numbers went bad in epoch %d, step %d of %d: %s; the parameters were not touched by"
                    + " this step. Lower train.optimizer.learning-rate, add warm-up, or look for"
                    + " broken input; checkpoints so far are still good. %s")
                .formatted(
                    epoch + 1,
                    number + 1,
                    counts.steps(),
                    what,
                    plan.numbers().onNan() == NumbersPlan.OnNan.STOP
                        ? "With train.on-nan = skip or rollback training goes on without such steps"
                        : "It is step %d of this epoch to be left out, and train.max-left-out is %d"
                            .formatted(leftOut, most)));
      }
    }
  }

  /**
   * After training: this rank's samples that may be among the plan's share of all with the highest
   * losses; all ranks must call it.
   */
  public List<Suspect> suspects() {
    return plan.suspects() > 0 ? ledger.suspects(plan.suspects(), collective) : List.of();
  }

  private Synchronizer synchronizer() {
    var averaging = plan.averaging();
    return averaging.every() == 1
        ? new GradientAveraging(replica, collective, counts, averaging.bucketBytes())
        : new ParameterAveraging(replica, batches, collective, counts, averaging);
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
    lastTest = result.or(() -> lastTest);
    return EpochTotals.report(
        epoch,
        counts.steps(),
        all,
        expected,
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
  private void requireSameStart(Position at) {
    var starts = gather("%s, parameters %s".formatted(at, replica.checksum()));
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
