package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class ImageBatchesTest {

  private static final ImageShape SHAPE = new ImageShape(2, 3, 4);
  private static final int CLASSES = 5;
  private static final int SAMPLES = 10;

  /** What the samples are called in the data set. */
  private static final long[] NUMBERS = LongStream.range(100, 100 + SAMPLES).toArray();

  @TempDir Path spill;
  private final byte[][] images = new byte[SAMPLES][SHAPE.bytes()];
  private SampleStore store;

  @BeforeEach
  void fill() {
    Random random = new Random(2);
    store = new SampleStore(SHAPE, 1 << 24, spill);
    for (int i = 0; i < SAMPLES; i++) {
      random.nextBytes(images[i]);
      store.add(images[i], 0, i % CLASSES);
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void shouldBuildBatchesInTheOrderOfTheEpoch() {
    EpochOrder order = new EpochOrder(3, 4, 0, 1);
    IntStream.range(0, SAMPLES).forEach(i -> order.add(i, i));
    try (ImageBatches batches = new ImageBatches(store, NUMBERS, order, SHAPE, CLASSES, 0)) {
      assertThat(batches.steps()).isEqualTo(3);
      assertThat(batches.samples()).isEqualTo(SAMPLES);
      assertThat(SampleNumbers.of(batches.batch(0, 0)))
          .isEqualTo(Arrays.stream(order.localIndices(0, 0)).mapToObj(i -> 100L + i).toList());
      for (int epoch = 0; epoch < 2; epoch++) {
        for (int step = 0; step < 3; step++) {
          assertThat(batches.count(step)).isEqualTo(step < 2 ? 4 : 2);
          requireBatch(batches.batch(epoch, step), order.localIndices(epoch, step));
        }
      }
    }
    assertThat(store.size()).as("closed with the batches").isZero();
  }

  @Test
  void shouldLeaveABatchAloneWhileTheNextIsMadeAndReuseItsArraysAfterThat() {
    try (EvaluationBatches batches =
        new EvaluationBatches(
            store, IntStream.range(0, store.size()).toArray(), SHAPE, CLASSES, 3)) {
      MultiDataSet first = batches.batch(0, 0);
      MultiDataSet second = batches.batch(0, 1);
      requireBatch(first, 0, 1, 2);
      MultiDataSet third = batches.batch(0, 2);
      requireBatch(second, 3, 4, 5);
      assertThat(third.getFeatures(0)).isSameAs(first.getFeatures(0));
      assertThat(third.getLabels(0)).isSameAs(first.getLabels(0));

      MultiDataSet smaller = batches.batch(0, 3);
      requireBatch(third, 6, 7, 8);
      requireBatch(smaller, 9);
    }
  }

  @Test
  void shouldLeaveABatchAloneWhenTheNextCannotBeMade() {
    BatchArrays arrays = new BatchArrays(SHAPE, CLASSES);
    MultiDataSet batch = arrays.fill(store, new int[] {1, 2});
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(() -> arrays.fill(store, new int[] {3, SAMPLES}))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    requireBatch(batch, 1, 2);
  }

  @Test
  void shouldEvaluateEverySampleOnceInTheOrderOfTheStore() {
    try (EvaluationBatches batches =
        new EvaluationBatches(
            store, IntStream.range(0, store.size()).toArray(), SHAPE, CLASSES, 4)) {
      assertThat(batches.steps()).isEqualTo(3);
      assertThat(batches.samples()).isEqualTo(SAMPLES);
      requireBatch(batches.batch(0, 0), 0, 1, 2, 3);
      requireBatch(batches.batch(7, 1), 4, 5, 6, 7);
      requireBatch(batches.batch(0, 2), 8, 9);
      assertThat(List.of(batches.count(2), batches.count(3))).containsExactly(2, 0);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batches.batch(0, 3))
          .withMessageContaining("step 3");
    }
  }

  @Test
  void shouldOutliveTheWorkspaceOfTheCaller() {
    try (EvaluationBatches batches =
        new EvaluationBatches(
            store, IntStream.range(0, store.size()).toArray(), SHAPE, CLASSES, SAMPLES)) {
      MultiDataSet batch;
      MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("step");
      try {
        batch = batches.batch(0, 0);
      } finally {
        workspace.close();
      }
      assertThat(batch.getFeatures(0).isAttached()).isFalse();
      assertThat(batch.getLabels(0).isAttached()).isFalse();
    }
  }

  /** (1 - s) of the label, and s spread over all: Szegedy et al. 2016, section 7. */
  @Test
  void shouldSmoothLabels() {
    EpochOrder order = new EpochOrder(3, 4, 0, 1);
    IntStream.range(0, SAMPLES).forEach(i -> order.add(i, i));
    try (ImageBatches batches = new ImageBatches(store, NUMBERS, order, SHAPE, CLASSES, 0.3)) {
      INDArray labels = batches.batch(0, 0).getLabels(0);
      int[] samples = order.localIndices(0, 0);
      for (int row = 0; row < samples.length; row++) {
        for (int c = 0; c < CLASSES; c++) {
          double expected = (c == store.label(samples[row]) ? 0.7 : 0) + 0.3 / CLASSES;
          assertThat(labels.getDouble(row, c)).isCloseTo(expected, within(1e-6));
        }
      }
    }
  }

  @Test
  void shouldRefuseStepWithoutSamples() {
    EpochOrder order = new EpochOrder(3, 4, 1, 4);
    order.add(1, 0);
    try (ImageBatches batches = new ImageBatches(store, NUMBERS, order, SHAPE, CLASSES, 0)) {
      assertThat(batches.count(1)).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batches.batch(0, 1))
          .withMessageContaining("step 1 has no samples on this rank, which has 1 steps");
    }
  }

  @Test
  void shouldRefuseLabelBeyondTheClasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new EvaluationBatches(
                        store, IntStream.range(0, store.size()).toArray(), SHAPE, 4, 1)
                    .close())
        .withMessageContaining("sample 4 of the store has label 4; with 4 classes labels are 0..3");
  }

  @Test
  void shouldRefuseStoreOfAnotherShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new EvaluationBatches(
                        store,
                        IntStream.range(0, store.size()).toArray(),
                        new ImageShape(2, 4, 3),
                        CLASSES,
                        1)
                    .close())
        .withMessageContaining("height=3")
        .withMessageContaining("height=4");
  }

  private void requireBatch(MultiDataSet batch, int... samples) {
    INDArray features = batch.getFeatures(0);
    INDArray labels = batch.getLabels(0);
    assertThat(features.dataType()).isEqualTo(DataType.UINT8);
    assertThat(labels.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(features.shape()).containsExactly(samples.length, 2, 3, 4);
    assertThat(labels.shape()).containsExactly(samples.length, CLASSES);
    for (int row = 0; row < samples.length; row++) {
      for (int i = 0; i < SHAPE.bytes(); i++) {
        // channel, row and column of byte i
        assertThat(features.getFloat(row, i / 12, i / 4 % 3, i % 4))
            .isEqualTo(Byte.toUnsignedInt(images[samples[row]][i]));
      }
      for (int c = 0; c < CLASSES; c++) {
        assertThat(labels.getFloat(row, c)).isEqualTo(samples[row] % CLASSES == c ? 1f : 0f);
      }
    }
  }
}
