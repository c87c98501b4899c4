package org.murmuration.worker.data.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The samples of some pieces one by one, each as a {@link Parcel}'s bytes, the bad ones last. They
 * are loaded ahead by threads of their own, few of them at a time, so that a large piece takes no
 * more memory than a small one. For one thread.
 */
public final class Parcels implements Iterator<byte[]>, AutoCloseable {
  private static final int AHEAD = 16;
  private static final long LOOK_UP_MS = 100;

  private final BlockingQueue<byte[]> ready = new ArrayBlockingQueue<>(AHEAD);
  private final ExecutorService loading =
      Executors.newSingleThreadExecutor(
          task -> {
            var thread = new Thread(task, "load samples");
            thread.setDaemon(true);
            return thread;
          });
  private final Future<?> loaded;
  private Optional<byte[]> next = Optional.empty();

  /** Begins to load all samples of the pieces. */
  public Parcels(SampleLoader loader, SplitPieces pieces) {
    loaded =
        loading.submit(
            () -> {
              var bad =
                  loader.load(
                      pieces,
                      number -> true,
                      (number, label, content) -> put(new Parcel(number, label, content)));
              bad.forEach(sample -> put(Parcel.of(sample)));
              return null;
            });
    loading.shutdown();
  }

  private void put(Parcel parcel) {
    try {
      ready.put(parcel.bytes());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("loading samples was interrupted", e));
    }
  }

  /**
   * Waits as long as loading goes on.
   *
   * @throws UncheckedIOException when loading failed; the cause says why
   */
  @Override
  public boolean hasNext() {
    while (next.isEmpty() && !(loaded.isDone() && ready.isEmpty())) {
      next = Optional.ofNullable(poll());
    }
    if (next.isEmpty()) {
      requireSuccess();
    }
    return next.isPresent();
  }

  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    var parcel = next.orElseThrow();
    next = Optional.empty();
    return parcel;
  }

  private byte[] poll() {
    try {
      return ready.poll(LOOK_UP_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("waiting for samples was interrupted", e));
    }
  }

  private void requireSuccess() {
    try {
      loaded.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("waiting for samples was interrupted", e));
    } catch (ExecutionException e) {
      throw new UncheckedIOException(
          e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause()));
    }
  }

  /** Gives up what is not yet loaded. */
  @Override
  public void close() {
    loading.shutdownNow();
  }
}
