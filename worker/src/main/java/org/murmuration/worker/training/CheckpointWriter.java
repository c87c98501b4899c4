package org.murmuration.worker.training;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Writes checkpoints in a thread of its own, while training goes on with what they are a copy of;
 * one at a time.
 */
final class CheckpointWriter implements AutoCloseable {
  /** A store that takes longer for one file won't take it at all. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final CheckpointStore store;
  private final Consumer<String> failed;
  private final ExecutorService thread;
  private Optional<Future<?>> last = Optional.empty();
  private final AtomicLong writingNs = new AtomicLong();
  private int written;

  /**
   * @param failed is told, in the writer's thread, why a checkpoint could not be written
   */
  CheckpointWriter(CheckpointStore store, Consumer<String> failed) {
    this.store = store;
    this.failed = failed;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              var made = new Thread(task, "murmuration checkpoint");
              made.setDaemon(true);
              return made;
            });
  }

  /** Whether the one before is still being written. */
  boolean isBusy() {
    return last.filter(writing -> !writing.isDone()).isPresent();
  }

  /**
   * Writes a checkpoint, once the one before is written: there is never more than one copy. Closes
   * what ranks know.
   *
   * @throws TrainingException when the one before takes too long
   */
  void write(Checkpoint checkpoint, Optional<Position> best, Checkpoint.RankStates ranks) {
    awaitEnd();
    written++;
    last = Optional.of(thread.submit(() -> save(checkpoint, best, ranks)));
  }

  private Void save(Checkpoint checkpoint, Optional<Position> best, Checkpoint.RankStates ranks)
      throws IOException {
    var begin = System.nanoTime();
    try (ranks) {
      store.save(checkpoint, best, ranks);
      // Nobody asks how it went before the next one: what went wrong is told at once.
    } catch (Throwable e) {
      failed.accept(e.getMessage());
      throw e;
    } finally {
      writingNs.addAndGet(System.nanoTime() - begin);
    }
    return null;
  }

  /**
   * Returns when the last one is written.
   *
   * @throws TrainingException when it could not be, or takes too long
   */
  void awaitLast() {
    var failure = awaitEnd();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /** Returns when nothing is being written; how the last one failed, if it did. */
  private Optional<TrainingException> awaitEnd() {
    try {
      if (last.isPresent()) {
        last.get().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(
          e.getCause() instanceof TrainingException cause
              ? cause
              : new TrainingException("a checkpoint could not be written: " + e.getCause(), e));
    } catch (TimeoutException e) {
      throw new TrainingException(
          "a checkpoint was not written within %d s: look at the file system of --out"
              .formatted(PATIENCE.toSeconds()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("the rank was told to stop while it saved", e);
    }
  }

  /** Checkpoints that were begun. */
  int written() {
    return written;
  }

  /** Time in writing, beside training. */
  long writingNs() {
    return writingNs.get();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
