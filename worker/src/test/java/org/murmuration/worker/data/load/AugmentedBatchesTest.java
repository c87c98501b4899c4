package org.murmuration.worker.data.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.data.BatchException;
import org.murmuration.worker.data.EncodedStore;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.augment.CutMix;
import org.murmuration.worker.data.augment.Flip;
import org.murmuration.worker.data.augment.Mixup;
import org.murmuration.worker.data.augment.PadAndCrop;
import org.murmuration.worker.data.augment.RandomResizedCrop;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.source.PixelImage;

@ExtendWith(PreparedBackend.class)
class AugmentedBatchesTest {
  private static final ImageShape SHAPE = new ImageShape(3, 6, 6);
  private static final ImageTransform TRANSFORM =
      new ImageTransform(6, 6, Colors.RGB, Fit.CROP, 0, ImageLimits.DEFAULT);
  private static final int SAMPLES = 23;
  private static final int CLASSES = 4;
  private static final int BATCH = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6})
  void makesTheSameOfASampleForAnyNumberOfRanks(int worldSize) {
    var augmenter =
        new Augmenter(List.of(new PadAndCrop(2), new Flip(true, 0.5)), List.of(new CutMix(1)), 5);

    var alone = new HashMap<String, List<Integer>>();
    collect(augmenter, 0, 1, alone);
    var together = new HashMap<String, List<Integer>>();
    for (int rank = 0; rank < worldSize; rank++) {
      collect(augmenter, rank, worldSize, together);
    }

    assertThat(together).isEqualTo(alone);
  }

  @Test
  void changesFromEpochToEpochAndNotFromTimeToTime() {
    var augmenter = new Augmenter(List.of(new PadAndCrop(2)), List.of(), 5);
    try (var batches = pixels(augmenter, 0, 1)) {
      var first = rows(batches, 0, 0);
      var otherEpoch = rows(batches, 1, 0);
      assertThat(rows(batches, 0, 0)).isEqualTo(first);
      assertThat(otherEpoch).isNotEqualTo(first);
    }
  }

  @Test
  void weighsLabelsAsItMixes() {
    try (var batches = pixels(new Augmenter(List.of(), List.of(new Mixup(1)), 5), 0, 1)) {
      var labels = batches.batch(0, 0).getLabels(0);
      int mixed = 0;
      for (int row = 0; row < BATCH; row++) {
        assertThat(labels.getRow(row).sumNumber().doubleValue()).isCloseTo(1, within(1e-6));
        mixed += labels.getRow(row).maxNumber().doubleValue() < 1 ? 1 : 0;
      }
      assertThat(mixed).as("of two classes").isPositive();
    }
  }

  @Test
  void givesWhatIsKeptAsFilesAsWhatIsKeptAsPixels() {
    var augmenter = new Augmenter(List.of(new Flip(true, 0.5)), List.of(), 9);
    try (var pixels = pixels(augmenter, 0, 1);
        var files = files(augmenter)) {
      for (int step = 0; step < pixels.steps(); step++) {
        assertThat(rows(files, 0, step)).isEqualTo(rows(pixels, 0, step));
      }
    }
  }

  @Test
  void cropsFilesAtRandom() {
    var augmenter = new Augmenter(List.of(new RandomResizedCrop(0.2, 0.5, 1, 1)), List.of(), 9);
    try (var batches = files(augmenter)) {
      assertThat(batches.batch(0, 0).getFeatures(0).shape()).containsExactly(BATCH, 3, 6, 6);
      assertThat(rows(batches, 0, 0)).isNotEqualTo(rows(batches, 1, 0));
    }
  }

  @Test
  void saysWhatIsWrongWithAnImage() {
    var order = order(0, 1);
    var store = new EncodedStore(1 << 20, folder);
    order.add(0, store.add(new byte[] {1, 2, 3}, 0));
    try (var batches =
        new AugmentedBatches(
            StoredImages.of(store),
            new long[1],
            order,
            TRANSFORM,
            new Augmenter(List.of(), List.of(), 0),
            CLASSES,
            0,
            false,
            1,
            PATIENCE)) {
      assertThatThrownBy(() -> batches.batch(0, 0))
          .isInstanceOf(BatchException.class)
          .hasMessageContaining("an image can't be prepared: ");
    }
  }

  /** The rows of two epochs: pixels and labels, by epoch, step and what is first in the lane. */
  private void collect(
      Augmenter augmenter, int rank, int worldSize, Map<String, List<Integer>> rows) {
    try (var batches = pixels(augmenter, rank, worldSize)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        for (int step = 0; step < batches.steps(); step++) {
          var made = rows(batches, epoch, step);
          for (int row = 0; row < made.size(); row++) {
            rows.put("%d %d %d".formatted(epoch, step, rank + row * worldSize), made.get(row));
          }
        }
      }
    }
  }

  private static List<List<Integer>> rows(AugmentedBatches batches, int epoch, int step) {
    var batch = batches.batch(epoch, step);
    List<List<Integer>> rows = new ArrayList<>();
    for (int row = 0; row < batches.count(step); row++) {
      List<Integer> values = new ArrayList<>();
      for (int i = 0; i < SHAPE.bytes(); i++) {
        values.add(
            Byte.toUnsignedInt(batch.getFeatures(0).data().asNio().get(row * SHAPE.bytes() + i)));
      }
      for (int c = 0; c < CLASSES; c++) {
        values.add(Float.floatToIntBits(batch.getLabels(0).getFloat(row, c)));
      }
      rows.add(values);
    }
    return rows;
  }

  private static EpochOrder order(int rank, int worldSize) {
    return new EpochOrder(3, BATCH, rank, worldSize);
  }

  private AugmentedBatches pixels(Augmenter augmenter, int rank, int worldSize) {
    var order = order(rank, worldSize);
    var store = new SampleStore(SHAPE, 1 << 20, folder);
    var numbers =
        IntStream.range(0, SAMPLES)
            .filter(order::owns)
            .peek(number -> order.add(number, store.add(picture(number), 0, number % CLASSES)))
            .asLongStream()
            .toArray();
    return batches(StoredImages.of(store), numbers, order, augmenter);
  }

  private AugmentedBatches files(Augmenter augmenter) {
    var order = order(0, 1);
    var store = new EncodedStore(1 << 20, folder);
    var numbers =
        IntStream.range(0, SAMPLES)
            .peek(
                number ->
                    order.add(
                        number,
                        store.add(new PixelImage(SHAPE, picture(number)).file(), number % CLASSES)))
            .asLongStream()
            .toArray();
    return batches(StoredImages.of(store), numbers, order, augmenter);
  }

  private static AugmentedBatches batches(
      StoredImages images, long[] numbers, EpochOrder order, Augmenter augmenter) {
    return new AugmentedBatches(
        images, numbers, order, TRANSFORM, augmenter, CLASSES, 0, false, 3, PATIENCE);
  }

  private static byte[] picture(int number) {
    var bytes = new byte[SHAPE.bytes()];
    new SplittableRandom(number).nextBytes(bytes);
    return bytes;
  }
}
