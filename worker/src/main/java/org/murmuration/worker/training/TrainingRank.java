package org.murmuration.worker.training;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.time.Duration;
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

  /** Learns of steps and epochs, and has wishes; see {@link TrainingListener}. */
  public interface Observer {
    void stepDone(int epoch, int step, int steps, double loss);

    void epochsDone(List<EpochReport> epochs);

    /** Something went wrong, and training goes on; may be called by another thread. */
    void happened(Incident incident);

    Wish wish();
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
   * Trains to where the plan lets this run end, or a rank wishes it to; all ranks must call it.
   * Rank 0 writes checkpoints, and after the last epoch the model.
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
    try (var keeper = new Keeper(replica, batches, observer)) {
      var loop =
          new TrainingLoop(
              replica,
              batches,
              test.map(source -> new TrainingLoop.Test(source, job.use().classes().size())),
              collective,
              job.plan(),
              keeper);
      var end = loop.run(keeper.start());
      keeper.awaitSaved();
      if (isFirst() && isOver(end.at(), keeper.history)) {
        saveModel(replica, TrainingJob.MODEL_FILE);
      }
      return new TrainingResult(
          end.at(),
          List.copyOf(keeper.history),
          end.lastTest().orElse(null),
          replica.checksum(),
          loop.suspects(),
          batches.samples(),
          keeper.incidents(),
          keeper.saving(),
          replica.info());
    }
  }

  private boolean isOver(Position end, List<EpochReport> history) {
    return end.epoch() >= job.plan().epochs() || job.plan().best().isOver(history);
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
  private final class Keeper implements TrainingListener, AutoCloseable {
    private static final double NS_PER_SECOND = 1e9;

    private final Replica replica;
    private final BatchSource batches;
    private final Observer observer;
    private final List<EpochReport> history = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
    private final CheckpointWriter writer;
    private final Optional<LossSpikes> spikes;
    private Position position = job.from();
    private long lastSaved = System.nanoTime();
    private long savingNs;

    Keeper(Replica replica, BatchSource batches, Observer observer) {
      this.replica = replica;
      this.batches = batches;
      this.observer = observer;
      this.writer = new CheckpointWriter(checkpoints, this::notSaved);
      this.spikes =
          Optional.of(job.plan().numbers().spike())
              .filter(deviations -> deviations > 0 && isFirst())
              .map(LossSpikes::new);
    }

    /** Puts the network to where the job is. */
    TrainingLoop.Start start() {
      if (job.from().equals(Position.START)) {
        adapt();
        return TrainingLoop.Start.after(0);
      }
      var heir = heir();
      var checkpoint = checkpoints.at(job.from(), job.identity(), heir);
      replica.restore(checkpoint.state());
      history.addAll(checkpoint.history());
      incidents.addAll(checkpoint.incidents());
      adapt();
      var epoch = job.from().epoch() + 1;
      return new TrainingLoop.Start(
          job.from(),
          requireKept(heir),
          EpochTotals.inherited(checkpoint.underWay(), collective.rank(), collective.worldSize()),
          (int)
              checkpoint.incidents().stream()
                  .filter(incident -> incident.epoch() == epoch && incident.kind().leavesOut())
                  .count());
    }

    /** Whether a rank knows something that the others don't, and that it needs to go on. */
    private boolean keepsState() {
      return collective.isLossy()
          || job.plan().averaging().every() > 1
          || job.plan().suspects() > 0
          || batches.feedback().filter(Feedback::wantsScores).isPresent();
    }

    private Inheritance heir() {
      return new Inheritance(collective.rank(), collective.worldSize());
    }

    private Optional<RankState> requireKept(Inheritance heir) {
      if (keepsState() && heir.state().isEmpty()) {
        throw new TrainingException(
            "the checkpoint %s of %s holds nothing of what single ranks know, which this job needs to go on"
                .formatted(job.from(), job.folder()));
      }
      return heir.state();
    }

    private void adapt() {
      batches
          .feedback()
          .ifPresent(feedback -> feedback.augment(job.plan().feedback().strength(history)));
    }

    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {
      observer.stepDone(epoch, step, steps, loss);
      if (spikes.isPresent() && !Double.isNaN(loss)) {
        spikes
            .get()
            .next(loss)
            .ifPresent(
                mean ->
                    happened(
                        new Incident(
                            Incident.Kind.LOSS_SPIKE,
                            epoch + 1,
                            step + 1,
                            "the loss on rank 0 is %.4g, after a mean of %.4g"
                                .formatted(loss, mean))));
      }
    }

    @Override
    public void epochDone(EpochReport report) {
      history.add(report);
      adapt();
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
    public Wish wish() {
      return observer.wish();
    }

    @Override
    public boolean wantsCheckpoint() {
      var since = Duration.ofNanos(System.nanoTime() - lastSaved);
      return job.plan().checkpoints().isDue(since) && !writer.isBusy();
    }

    @Override
    public void checkpointDue(Position at, EpochTotals underWay, RankState state, boolean ends) {
      var begin = System.nanoTime();
      position = at;
      try {
        var totals = at.step() > 0 ? gather(underWay) : List.<EpochTotals>of();
        var ranks =
            keepsState()
                ? GatheredStates.gather(collective, state)
                : GatheredStates.nothing(collective.worldSize());
        if (isFirst()) {
          writer.write(
              new Checkpoint(
                  replica.state(),
                  at.step(),
                  job.identity(),
                  List.copyOf(history),
                  totals,
                  incidents()),
              job.plan().best().best(history).map(best -> Position.after(best.epoch())),
              ranks);
        }
      } catch (IOException e) {
        throw new TrainingException(
            "what ranks know could not be brought together: %s. Is there room in this host's temporary folder (java.io.tmpdir)?"
                .formatted(e.getMessage()),
            e);
      }
      lastSaved = System.nanoTime();
      savingNs += lastSaved - begin;
    }

    private List<EpochTotals> gather(EpochTotals mine) {
      return collective.allGather(mine.encode()).stream().map(EpochTotals::decode).toList();
    }

    private void notSaved(String why) {
      happened(new Incident(Incident.Kind.NOT_SAVED, position.epoch() + 1, position.step(), why));
    }

    @Override
    public void happened(Incident incident) {
      synchronized (incidents) {
        incidents.add(incident);
      }
      observer.happened(incident);
    }

    private List<Incident> incidents() {
      synchronized (incidents) {
        return List.copyOf(incidents);
      }
    }

    @Override
    public Optional<RankState> rollBack() {
      var newest = newestOnRank0();
      var heir = heir();
      replica.restore(checkpoints.at(newest, job.identity(), heir).state());
      return requireKept(heir);
    }

    /** Only rank 0 knows what is written. */
    private Position newestOnRank0() {
      var word = "";
      if (isFirst()) {
        writer.awaitLast();
        word =
            checkpoints
                .newest(job.identity())
                .map(Checkpoint::position)
                .map(at -> at.epoch() + " " + at.step())
                .orElse("");
      }
      var said = new String(collective.allGather(word.getBytes(US_ASCII)).get(0), US_ASCII);
      if (said.isEmpty()) {
        throw new TrainingException(
            "train.on-nan = rollback: there is no checkpoint to go back to yet; see checkpoint.every-steps");
      }
      var parts = said.split(" ", 2);
      return new Position(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    void awaitSaved() {
      writer.awaitLast();
    }

    TrainingResult.Saving saving() {
      return new TrainingResult.Saving(
          writer.written(), savingNs / NS_PER_SECOND, writer.writingNs() / NS_PER_SECOND);
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
