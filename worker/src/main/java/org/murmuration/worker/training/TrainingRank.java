package org.murmuration.worker.training;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Feedback;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.model.ParameterInit;

/** One rank of a job from start to end: makes or resumes the network, trains, keeps the results. */
public final class TrainingRank {

  /** Learns of steps and epochs; see {@link TrainingListener}. */
  public interface Observer {
    void stepDone(int epoch, int step, int steps, double loss);

    void epochsDone(List<EpochReport> epochs);
  }

  private final TrainingJob job;
  private final Collective collective;
  private final Configuration hadoop;
  private final CheckpointStore checkpoints;

  /**
   * A rank that averages over this collective and keeps files through this Hadoop configuration.
   */
  public TrainingRank(TrainingJob job, Collective collective, Configuration hadoop) {
    this.job = job;
    this.collective = collective;
    this.hadoop = hadoop;
    this.checkpoints =
        new CheckpointStore(
            new Path(job.folder(), TrainingJob.CHECKPOINT_FOLDER), hadoop, job.keepCheckpoints());
  }

  /**
   * Trains to where the plan lets this run end; all ranks must call it. Rank 0 writes checkpoints,
   * and after the last epoch the model.
   *
   * @throws TrainingException when training can't go on
   */
  public TrainingResult run(BatchSource batches, Optional<BatchSource> test, Observer observer) {
    try (var replica =
        Replica.fromJson(job.network(), job.computation(), job.plan().averageDecay())) {
      return run(replica, batches, test, observer);
    } catch (RuntimeException e) {
      collective.abort(e.getMessage());
      throw e;
    }
  }

  private TrainingResult run(
      Replica replica, BatchSource batches, Optional<BatchSource> test, Observer observer) {
    ParameterInit.apply(replica.graph(), job.init(), job.plan().seed());
    List<EpochReport> history = new ArrayList<>();
    if (job.firstEpoch() > 0) {
      var checkpoint = checkpoints.at(job.firstEpoch(), job.identity());
      replica.restore(checkpoint.state());
      history.addAll(checkpoint.history());
    }
    var loop =
        new TrainingLoop(
            replica,
            batches,
            test.map(source -> new TrainingLoop.Test(source, job.use().classes().size())),
            collective,
            job.plan(),
            new Keeper(replica, batches, history, observer));
    adapt(batches, history);
    var matrix = loop.run(job.firstEpoch(), rankState(job.firstEpoch(), batches));
    if (isFirst() && (job.plan().finishes() || job.plan().best().isOver(history))) {
      saveModel(replica, TrainingJob.MODEL_FILE);
    }
    return new TrainingResult(
        List.copyOf(history),
        matrix.orElse(null),
        replica.checksum(),
        loop.suspects(),
        batches.samples(),
        replica.info());
  }

  private void adapt(BatchSource batches, List<EpochReport> history) {
    batches
        .feedback()
        .ifPresent(feedback -> feedback.augment(job.plan().feedback().strength(history)));
  }

  /** What keeps something on each rank can't go on without it. */
  private Optional<RankState> rankState(int epoch, BatchSource batches) {
    var kept =
        collective.isLossy()
            || job.plan().averaging().every() > 1
            || batches.feedback().filter(Feedback::wantsScores).isPresent();
    return epoch > 0 && kept
        ? Optional.of(checkpoints.rankState(epoch, collective.rank()))
        : Optional.empty();
  }

  private void saveModel(Replica replica, String name) {
    var file = new Path(job.folder(), name);
    try {
      replica.withAverage(
          () -> {
            JobFiles.write(file, hadoop, new ModelFile(replica.graph(), job.use())::write);
            return file;
          });
    } catch (IOException e) {
      throw new TrainingException(
          "the model "
              + file
              + " could not be written: "
              + e.getMessage()
              + ". The last checkpoint is whole: make room, then run again with --resume",
          e);
    }
  }

  private boolean isFirst() {
    return collective.rank() == 0;
  }

  /** Passes on what the loop tells, and keeps checkpoints on rank 0. */
  private final class Keeper implements TrainingListener {
    private final Replica replica;
    private final BatchSource batches;
    private final List<EpochReport> history;
    private final Observer observer;

    Keeper(Replica replica, BatchSource batches, List<EpochReport> history, Observer observer) {
      this.replica = replica;
      this.batches = batches;
      this.history = history;
      this.observer = observer;
    }

    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {
      observer.stepDone(epoch, step, steps, loss);
    }

    @Override
    public void epochDone(EpochReport report) {
      history.add(report);
      adapt(batches, history);
      var best = job.plan().best();
      if (isFirst() && best.keep() && best.best(history).filter(report::equals).isPresent()) {
        saveModel(replica, TrainingJob.BEST_MODEL_FILE);
      }
      observer.epochsDone(List.copyOf(history));
    }

    @Override
    public boolean goesOn() {
      return !job.plan().best().isOver(history);
    }

    @Override
    public void checkpointDue(RankState state) {
      if (!state.isEmpty()) {
        checkpoints.saveRank(history.size(), collective.rank(), state);
        // A checkpoint is there only when the states that belong to it are.
        collective.allGather(new byte[0]);
      }
      if (isFirst()) {
        checkpoints.save(new Checkpoint(replica.state(), job.identity(), List.copyOf(history)));
      }
    }
  }
}
