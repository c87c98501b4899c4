package org.murmuration.worker.data;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The batches of another source, each prepared by a thread of its own while the caller computes on
 * the one before.
 *
 * <p>What is prepared is the next step of the epoch, and after its last step the first of the next
 * epoch; never more than this one batch. A caller that asks for another waits while that is made;
 * the one made in vain is dropped, and so is what went wrong with it.
 *
 * <p>All batches of the source are made by the one thread. So the source may be for one thread at a
 * time, but must leave a batch alone while the next one is made, as {@link BatchSource#batch} says;
 * then nothing is copied here. A batch given out by this class stays as it is until the next call
 * of {@link #batch}. For one calling thread at a time.
 */
public final class PrefetchingBatches implements BatchSource {

  private record Position(int epoch, int step) {}

  private static final double MILLIS_PER_SECOND = 1e3;

  private final BatchSource source;
  private final Duration patience;
  private final int[] counts;
  private final long samples;

  /** Whether an epoch's batches depend on the epoch before, which must end first. */
  private final boolean learns;

  private final ExecutorService thread;

  /** Where the batch belongs that is being prepared; null when there is none. */
  private Position ahead;

  private Future<MultiDataSet> prepared;

  /**
   * @param source complete: its steps, counts and samples stay as they are now; {@link #close}
   *     closes it
   * @param patience how long to wait for a batch, and for the thread to end; the setting {@code
   *     averaging.peer-timeout}, since the peers wait no longer for this rank
   */
  public PrefetchingBatches(BatchSource source, Duration patience) {
    this.source = source;
    this.patience = patience;
    // Kept, because the source itself belongs to the thread from now on.
    this.counts = IntStream.range(0, source.steps()).map(source::count).toArray();
    this.samples = source.samples();
    this.learns = source.feedback().isPresent();
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              var made = new Thread(task, "next batch");
              made.setDaemon(true);
              return made;
            });
  }

  @Override
  public int steps() {
    return counts.length;
  }

  @Override
  public int count(int step) {
    return step >= 0 && step < counts.length ? counts[step] : 0;
  }

  @Override
  public long samples() {
    return samples;
  }

  @Override
  public long[] numbers() {
    return source.numbers();
  }

  @Override
  public Optional<Feedback> feedback() {
    return source.feedback();
  }

  /**
   * {@inheritDoc}
   *
   * @throws BatchException when the source failed to make the batch, with its exception as the
   *     cause, or didn't make it in time, or the calling thread was interrupted; the same batch may
   *     be asked for again
   * @throws IllegalStateException when this is closed
   */
  @Override
  public MultiDataSet batch(int epoch, int step) {
    if (count(step) == 0) {
      throw new IllegalArgumentException(
          "step %d has no samples: there are %d steps".formatted(step, steps()));
    }
    if (thread.isShutdown()) {
      throw new IllegalStateException("closed batches give no batch");
    }
    var wanted = new Position(epoch, step);
    if (!wanted.equals(ahead)) {
      prepare(wanted);
    }
    var batch = await(wanted);
    if (!learns || step + 1 < counts.length) {
      prepare(following(wanted));
    }
    return batch;
  }

  /**
   * Stops the thread, waits for its end and closes the source; the last batch must be done with.
   *
   * @throws BatchException when the thread doesn't end in time; the source stays open then
   */
  @Override
  public void close() {
    thread.shutdownNow();
    if (!ended()) {
      // Memory that is given back under a reader takes the whole process down.
      throw new BatchException(
          "the thread that prepares batches did not end within %s, so its samples stay in memory: reading hangs; look at this host's disks"
              .formatted(seconds()));
    }
    source.close();
  }

  private void prepare(Position position) {
    if (prepared != null) {
      prepared.cancel(false);
    }
    prepared = thread.submit(() -> source.batch(position.epoch, position.step));
    ahead = position;
  }

  private Position following(Position position) {
    return position.step + 1 < counts.length
        ? new Position(position.epoch, position.step + 1)
        : new Position(position.epoch + 1, 0);
  }

  private MultiDataSet await(Position position) {
    try {
      return prepared.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new BatchException(
          "%s was not ready within %s: its data is read too slowly, or reading hangs; look at this host's disks, or raise averaging.peer-timeout"
              .formatted(name(position), seconds()),
          e);
    } catch (ExecutionException e) {
      ahead = null;
      throw new BatchException(
          "%s could not be prepared: %s".formatted(name(position), e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BatchException("waiting for %s was interrupted".formatted(name(position)), e);
    }
  }

  /** Whether the thread has ended in time; an interrupt is kept for later, memory comes first. */
  private boolean ended() {
    var deadline = System.nanoTime() + patience.toNanos();
    var interrupted = false;
    try {
      while (true) {
        try {
          return thread.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String name(Position position) {
    return "the batch of epoch %d, step %d of %d"
        .formatted(position.epoch + 1, position.step + 1, counts.length);
  }

  private String seconds() {
    return patience.toMillis() / MILLIS_PER_SECOND + " s";
  }
}
