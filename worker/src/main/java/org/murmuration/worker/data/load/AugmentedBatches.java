package org.murmuration.worker.data.load;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.murmuration.worker.data.BatchArrays;
import org.murmuration.worker.data.BatchException;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.Feedback;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.OrderFeedback;
import org.murmuration.worker.data.SampleNumbers;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Training batches of images that are decoded or augmented anew for each epoch, by several threads:
 * features UINT8 [n, channels, height, width], labels float [n, classes], the weights of the
 * classes.
 *
 * <p>What a sample becomes depends on the seed, the epoch and its number alone. One that is mixed
 * with another is mixed with the one that follows it in its lane, which is the same for any number
 * of ranks; that one's image is kept for the next step, so that none is made twice.
 */
public final class AugmentedBatches implements BatchSource {
  private final StoredImages images;
  private final long[] numbers;
  private final EpochOrder order;
  private final ImageTransform transform;
  private final Augmenter augmenter;
  private final int classes;
  private final Duration patience;
  private final BatchArrays arrays;
  private final ImageDecoder decoder;
  private final ExecutorService workers;

  /** What was made for the step before, by local index; only of the epoch {@link #madeIn}. */
  private Map<Integer, byte[]> made = new HashMap<>();

  private int madeIn = -1;

  private final boolean adaptive;

  /** The share of images that are augmented. */
  private volatile double strength = 1;

  /**
   * @param images the filled store; {@link #close} closes it
   * @param numbers of the images in the data set, by their index in the store
   * @param order names the images by their index in the store
   * @param transform to the final size, for what no augmentation has brought there
   * @param smoothing the share of each label that is spread over all classes
   * @param adaptive whether the share of images that are augmented is told by {@link #feedback}
   * @param threads that decode and augment, at least 1
   * @param patience how long a batch may take
   */
  public AugmentedBatches(
      StoredImages images,
      long[] numbers,
      EpochOrder order,
      ImageTransform transform,
      Augmenter augmenter,
      int classes,
      double smoothing,
      boolean adaptive,
      int threads,
      Duration patience) {
    this.images = images;
    this.numbers = numbers.clone();
    this.order = order;
    this.transform = transform;
    this.augmenter = augmenter;
    this.classes = classes;
    this.patience = patience;
    this.adaptive = adaptive;
    this.arrays = new BatchArrays(transform.shape(), classes, smoothing);
    this.decoder = transform.decoder();
    this.workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              var thread = new Thread(task, "decode and augment");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public int steps() {
    return order.steps();
  }

  @Override
  public int count(int step) {
    return order.count(step);
  }

  @Override
  public long samples() {
    return order.samples();
  }

  @Override
  public long[] numbers() {
    return numbers.clone();
  }

  /**
   * {@inheritDoc}
   *
   * @throws BatchException when an image can't be decoded, or the batch takes too long
   */
  @Override
  public MultiDataSet batch(int epoch, int step) {
    if (count(step) == 0) {
      throw new IllegalArgumentException(
          "step %d has no samples on this rank, which has %d steps".formatted(step, steps()));
    }
    int[] own = order.localIndices(epoch, step);
    int[] others = augmenter.mixes() ? order.followers(epoch, step) : new int[0];
    var planes = planes(epoch, own, others);
    var batch =
        arrays.fill(
            own.length, (pixels, labels) -> write(epoch, own, others, planes, pixels, labels));
    SampleNumbers.set(batch, numbers, own);
    return SampleNumbers.weigh(batch, order.weights(epoch, step));
  }

  @Override
  public Optional<Feedback> feedback() {
    return order.goesByScores() || adaptive
        ? Optional.of(new OrderFeedback(order, numbers, share -> strength = share))
        : Optional.empty();
  }

  /** The images of a step, and of those they are mixed with, by local index. */
  private Map<Integer, byte[]> planes(int epoch, int[] own, int[] others) {
    var before = madeIn == epoch ? made : Map.<Integer, byte[]>of();
    var running = new HashMap<Integer, Future<byte[]>>();
    for (int[] indices : List.of(own, others)) {
      for (int index : indices) {
        if (!before.containsKey(index)) {
          running.computeIfAbsent(index, i -> workers.submit(() -> planes(epoch, i)));
        }
      }
    }
    var all = new HashMap<>(before);
    long deadline = System.nanoTime() + patience.toNanos();
    running.forEach((index, planes) -> all.put(index, await(planes, deadline)));
    made = new HashMap<>();
    for (int other : others) {
      made.put(other, all.get(other));
    }
    madeIn = epoch;
    return all;
  }

  private byte[] planes(int epoch, int index) throws UndecodableImageException {
    var image = images.image().apply(index);
    if (augmenter.augmentations().isEmpty()
        || !augmenter.changes(epoch, numbers[index], strength)) {
      return transform.planes(image, decoder);
    }
    var shape = transform.shape();
    var planes = new byte[shape.bytes()];
    var raster =
        augmenter.takesAnySize()
            ? transform.original(image, decoder)
            : transform.ofConverted().image(image, decoder);
    try (var canvas = augmenter.apply(raster, Optional.empty(), shape, epoch, numbers[index]);
        var coloured = canvas.image().inColors(transform.colors())) {
      coloured.copyPlanes(planes, 0);
    }
    return planes;
  }

  private void write(
      int epoch,
      int[] own,
      int[] others,
      Map<Integer, byte[]> planes,
      ByteBuffer pixels,
      FloatBuffer labels) {
    ImageShape shape = transform.shape();
    for (int row = 0; row < own.length; row++) {
      var image = planes.get(own[row]);
      for (int c = 0; c < classes; c++) {
        labels.put(row * classes + c, 0);
      }
      if (augmenter.mixes()) {
        // What was kept for the next step must stay as it is.
        image = image.clone();
        double weight =
            augmenter.mix(image, planes.get(others[row]), shape, epoch, numbers[own[row]]);
        add(labels, row, images.label().applyAsInt(others[row]), 1 - weight);
        add(labels, row, images.label().applyAsInt(own[row]), weight);
      } else {
        add(labels, row, images.label().applyAsInt(own[row]), 1);
      }
      pixels.put(row * shape.bytes(), image);
    }
  }

  private void add(FloatBuffer labels, int row, int label, double weight) {
    int place = row * classes + label;
    labels.put(place, (float) (labels.get(place) + weight));
  }

  private <T> T await(Future<T> future, long deadline) {
    try {
      return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new BatchException(
          "decoding and augmenting a batch took longer than %d s: lower train.batch-size, give ranks more threads, or raise averaging.peer-timeout"
              .formatted(patience.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw new BatchException("an image can't be prepared: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BatchException("preparing a batch was interrupted", e);
    }
  }

  /**
   * Stops the threads and closes the store.
   *
   * @throws BatchException when the threads don't end in time; the store stays open then
   */
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        // Memory that is given back under a reader takes the whole process down.
        throw new BatchException(
            "the threads that prepare batches did not end within %d s, so their images stay in memory"
                .formatted(patience.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BatchException("closing was interrupted, so images stay in memory", e);
    }
    images.closing().run();
  }
}
