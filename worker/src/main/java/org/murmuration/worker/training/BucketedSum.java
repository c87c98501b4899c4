package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.Residual;
import org.murmuration.worker.training.RankState.Kept;
import org.murmuration.worker.training.RankState.Sharing;

/**
 * Sums a flat vector over the ranks in buckets while it is still being filled: a bucket that is
 * full starts on its way at once, in a thread of its own, and {@link #finish} waits for all. What
 * is in a bucket and the order of buckets don't depend on what is ready when, so neither does a bit
 * of the result.
 */
final class BucketedSum implements AutoCloseable {
  private static final String RESIDUAL = "residual";
  private static final String THRESHOLDS = "thresholds";
  private static final long STOP_SECONDS = 10;

  private final Collective collective;
  private final UnsafeBuffer vector;
  private final Buckets buckets;
  private final List<UnsafeBuffer> parts;
  private final List<Residual> residuals;
  private final ExecutorService thread;
  private final AtomicLong busyNs = new AtomicLong();
  private final int[] missing;
  private final List<Future<?>> underWay = new ArrayList<>();

  /**
   * @param vector fp32 values, summed in place
   */
  BucketedSum(Collective collective, UnsafeBuffer vector, int bucketBytes) {
    this.collective = collective;
    this.vector = vector;
    this.buckets = Buckets.of(vector.capacity() / Float.BYTES, bucketBytes);
    this.missing = new int[buckets.count()];
    this.parts =
        IntStream.range(0, buckets.count())
            .mapToObj(
                b ->
                    new UnsafeBuffer(
                        vector, buckets.start(b) * Float.BYTES, buckets.size(b) * Float.BYTES))
            .toList();
    this.residuals =
        IntStream.range(0, buckets.count())
            .mapToObj(b -> collective.isLossy() ? Residual.of(buckets.size(b)) : Residual.none())
            .toList();
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              var worker = new Thread(work, "murmuration averaging of rank " + collective.rank());
              worker.setDaemon(true);
              return worker;
            });
  }

  /** Begins a sum; the listener is to be told of parts of the vector that won't change any more. */
  GradientListener begin() {
    underWay.clear();
    for (int b = 0; b < missing.length; b++) {
      missing[b] = buckets.size(b);
    }
    return this::ready;
  }

  private synchronized void ready(long offset, long length) {
    var end = offset + length;
    for (int b = underWay.size(); b < missing.length; b++) {
      var start = buckets.start(b);
      var inBucket = Math.min(end, start + buckets.size(b)) - Math.max(offset, start);
      missing[b] -= (int) Math.max(0, inBucket);
    }
    // The last bucket is left to finish(), which comes next: handing it over would cost time.
    while (underWay.size() < missing.length - 1 && missing[underWay.size()] == 0) {
      var bucket = underWay.size();
      underWay.add(thread.submit(() -> sum(bucket)));
    }
  }

  /**
   * Returns when the vector is the sum. What is not under way yet is summed in this thread.
   *
   * @throws org.murmuration.worker.collective.CollectiveException when a peer is lost or too slow
   */
  void finish() {
    var rest = awaitUnderWay();
    for (int bucket = rest; bucket < missing.length; bucket++) {
      sum(bucket);
    }
  }

  /** Time that sums have taken since the start, in nanoseconds, hidden or not. */
  long busyNs() {
    return busyNs.get();
  }

  /** Adds what the wire lost so far. */
  void addState(Map<String, Kept> state) {
    if (!collective.isLossy()) {
      return;
    }
    var lost = FloatBuffer.allocate(vector.capacity() / Float.BYTES);
    var thresholds = FloatBuffer.allocate(buckets.count());
    for (int b = 0; b < buckets.count(); b++) {
      lost.put(buckets.start(b), floats(residuals.get(b).values()), 0, buckets.size(b));
      thresholds.put(residuals.get(b).threshold());
    }
    state.put(RESIDUAL, Kept.of(Sharing.ADDED, lost));
    state.put(THRESHOLDS, Kept.of(Sharing.MEAN, thresholds.flip()));
  }

  /** Takes over what {@link #addState} added. */
  void restore(RankState state) {
    if (!collective.isLossy()) {
      return;
    }
    var lost = state.floats(RESIDUAL, vector.capacity() / Float.BYTES);
    var thresholds = state.floats(THRESHOLDS, buckets.count());
    for (int b = 0; b < buckets.count(); b++) {
      floats(residuals.get(b).values()).put(0, lost, buckets.start(b), buckets.size(b));
      residuals.get(b).threshold(thresholds.get(b));
    }
  }

  /** The buffer's values, to be read and written in place. */
  static FloatBuffer floats(UnsafeBuffer buffer) {
    return buffer.byteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** Returns when the thread has stopped: the memory that it averages in goes after this. */
  @Override
  public void close() {
    thread.shutdownNow();
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
    boolean stopped = false;
    boolean interrupted = false;
    while (!stopped && System.nanoTime() - deadline < 0) {
      try {
        stopped = thread.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // A task that Spark kills must not leave its thread behind.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!stopped) {
      throw new TrainingException(
          "the averaging of rank %d did not stop within %d s after it was told to"
              .formatted(collective.rank(), STOP_SECONDS));
    }
  }

  private void sum(int bucket) {
    var begin = System.nanoTime();
    collective.allReduceSum(parts.get(bucket), residuals.get(bucket));
    busyNs.addAndGet(System.nanoTime() - begin);
  }

  private synchronized int awaitUnderWay() {
    try {
      for (var sum : underWay) {
        sum.get();
      }
      return underWay.size();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("the rank was told to stop while it averaged", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new TrainingException("averaging failed: " + e.getCause(), e);
    }
  }

  /** A buffer outside the heap for a vector of so many values. */
  static UnsafeBuffer allocate(int length) {
    return new UnsafeBuffer(ByteBuffer.allocateDirect(length * Float.BYTES));
  }
}
