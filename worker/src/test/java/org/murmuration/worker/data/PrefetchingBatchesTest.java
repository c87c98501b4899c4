package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

@Timeout(60)
class PrefetchingBatchesTest {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final int CLASSES = 5;
  private static final int SAMPLES = 22;
  private static final int GLOBAL_BATCH = 4;
  private static final int STEPS = 6;
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);

  /** What a source does before it makes a batch. */
  private interface Before {
    void making(int epoch, int step) throws InterruptedException;
  }

  /** Real batches, with notes on which were made, by whom, and whether it was closed. */
  private static final class Noted implements BatchSource {
    private final ImageBatches images;
    private final Before before;
    private final List<String> begun = new CopyOnWriteArrayList<>();
    private final List<String> made = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    Noted(Before before) {
      this.images = images();
      this.before = before;
    }

    Noted() {
      this((epoch, step) -> {});
    }

    @Override
    public int steps() {
      return images.steps();
    }

    @Override
    public int count(int step) {
      return images.count(step);
    }

    @Override
    public long samples() {
      return images.samples();
    }

    @Override
    public MultiDataSet batch(int epoch, int step) {
      begun.add(epoch + "." + step);
      threads.add(Thread.currentThread());
      try {
        before.making(epoch, step);
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted", e);
      }
      var batch = images.batch(epoch, step);
      made.add(epoch + "." + step);
      return batch;
    }

    @Override
    public void close() {
      images.close();
      closed = true;
    }
  }

  private static byte[] pixels(int sample) {
    var pixels = new byte[SHAPE.bytes()];
    new Random(sample).nextBytes(pixels);
    return pixels;
  }

  private static EpochOrder order() {
    var order = new EpochOrder(3, GLOBAL_BATCH, 0, 1);
    IntStream.range(0, SAMPLES).forEach(i -> order.add(i, i));
    return order;
  }

  private static ImageBatches images() {
    var store = new SampleStore(SHAPE, 1 << 24, Path.of("."));
    IntStream.range(0, SAMPLES).forEach(i -> store.add(pixels(i), 0, i % CLASSES));
    return new ImageBatches(store, new long[store.size()], order(), SHAPE, CLASSES, 0);
  }

  private static void requireBatch(MultiDataSet batch, int epoch, int step) {
    var samples = order().localIndices(epoch, step);
    assertThat(batch.getFeatures(0).shape()).containsExactly(samples.length, 3, 8, 8);
    assertThat(batch.getLabels(0).shape()).containsExactly(samples.length, CLASSES);
    var bytes = batch.getFeatures(0).data().asNio();
    for (int row = 0; row < samples.length; row++) {
      var found = new byte[SHAPE.bytes()];
      bytes.get(row * SHAPE.bytes(), found);
      assertThat(found).isEqualTo(pixels(samples[row]));
      for (int c = 0; c < CLASSES; c++) {
        assertThat(batch.getLabels(0).getFloat(row, c))
            .isEqualTo(samples[row] % CLASSES == c ? 1f : 0f);
      }
    }
  }

  @Test
  void shouldGiveTheBatchesOfTheSourceForSeveralEpochs() {
    var source = new Noted();
    try (var batches = new PrefetchingBatches(source, LONG)) {
      assertThat(batches.steps()).isEqualTo(STEPS);
      assertThat(batches.samples()).isEqualTo(SAMPLES);
      assertThat(IntStream.range(-1, STEPS + 1).map(batches::count))
          .containsExactly(0, 4, 4, 4, 4, 4, 2, 0);
      for (int epoch = 2; epoch < 5; epoch++) {
        for (int step = 0; step < STEPS; step++) {
          requireBatch(batches.batch(epoch, step), epoch, step);
        }
      }
      await().until(() -> source.made.size() == 3 * STEPS + 1);
    }
    assertThat(source.begun.subList(0, 8))
        .containsExactly("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "3.0", "3.1");
    assertThat(source.closed).isTrue();
  }

  /** A third of the requests follow the order. Each batch is read once the next has been made. */
  @Test
  void shouldGiveAnyBatchInAnyOrderAndLeaveItAloneWhileTheNextIsMade() {
    var source = new Noted();
    var random = new Random(7);
    try (var batches = new PrefetchingBatches(source, LONG)) {
      int epoch = 0;
      int step = 0;
      for (int request = 0; request < 200; request++) {
        var batch = batches.batch(epoch, step);
        var ahead = step + 1 < STEPS ? epoch + "." + (step + 1) : epoch + 1 + ".0";
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> source.made.get(source.made.size() - 1).equals(ahead));
        requireBatch(batch, epoch, step);
        if (random.nextInt(3) == 0) {
          epoch += (step + 1) / STEPS;
          step = (step + 1) % STEPS;
        } else {
          epoch = random.nextInt(3);
          step = random.nextInt(STEPS);
        }
      }
    }
  }

  @Test
  void shouldPrepareOneBatchAheadAndNoMoreOnOneDaemonThread() {
    var source = new Noted();
    try (var batches = new PrefetchingBatches(source, LONG)) {
      assertThat(source.begun).as("nothing is known of the first").isEmpty();
      var first = batches.batch(0, 4);
      await().until(() -> source.made.size() == 2);
      await()
          .during(Duration.ofMillis(100))
          .until(() -> source.begun.equals(List.of("0.4", "0.5")));

      var second = batches.batch(0, 5);

      assertThat(second.getFeatures(0)).isNotSameAs(first.getFeatures(0));
      assertThat(second.getLabels(0)).isNotSameAs(first.getLabels(0));
      await().until(() -> source.made.equals(List.of("0.4", "0.5", "1.0")));
    }
    var thread = source.threads.get(0);
    assertThat(source.threads).hasSize(3).containsOnly(thread);
    assertThat(thread).isNotSameAs(Thread.currentThread());
    assertThat(thread.isDaemon()).isTrue();
    await().until(() -> !thread.isAlive());
  }

  @Test
  void shouldMakeBatchesOutsideTheWorkspaceOfTheCaller() {
    try (var batches = new PrefetchingBatches(images(), LONG)) {
      MultiDataSet batch;
      MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("step");
      try {
        batch = batches.batch(0, 0);
      } finally {
        workspace.close();
      }
      assertThat(batch.getFeatures(0).isAttached()).isFalse();
      requireBatch(batch, 0, 0);
    }
  }

  @Test
  void shouldThrowWhatTheSourceThrewWhenThatBatchIsAskedForAndGoOn() {
    var fault = new IllegalStateException("page 7 cannot be read");
    var source =
        new Noted(
            (epoch, step) -> {
              if (step == 1) {
                throw fault;
              }
            });
    try (var batches = new PrefetchingBatches(source, LONG)) {
      requireBatch(batches.batch(0, 0), 0, 0);
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> batches.batch(0, 1))
            .isInstanceOf(BatchException.class)
            .hasCause(fault)
            .hasMessage(
                "the batch of epoch 1, step 2 of 6 could not be prepared: java.lang.IllegalStateException: page 7 cannot be read");
      }
      requireBatch(batches.batch(1, 0), 1, 0);
      await().until(() -> source.begun.contains("1.1"));
      requireBatch(batches.batch(1, 2), 1, 2);
    }
    assertThat(source.begun)
        .as("one try ahead and one on demand, then one ahead in vain")
        .startsWith("0.0", "0.1", "0.1", "1.0", "1.1", "1.2");
  }

  @Test
  void shouldGiveUpWaitingAfterTheDeadlineAndNameEpochAndStep() {
    var gate = new CountDownLatch(1);
    var source =
        new Noted(
            (epoch, step) -> {
              if (step == 3) {
                gate.await();
              }
            });
    try (var batches = new PrefetchingBatches(source, SHORT)) {
      requireBatch(batches.batch(1, 2), 1, 2);
      assertThatThrownBy(() -> batches.batch(1, 3))
          .isInstanceOf(BatchException.class)
          .hasMessageContaining("epoch 2, step 4 of 6 was not ready within 0.05 s")
          .hasMessageContaining("averaging.peer-timeout");
      assertThatThrownBy(() -> batches.batch(1, 0))
          .as("behind the one that hangs")
          .hasMessageContaining("epoch 2, step 1 of 6 was not ready");

      gate.countDown();

      await().until(() -> source.made.contains("1.0"));
      requireBatch(batches.batch(1, 0), 1, 0);
    }
  }

  @Test
  void shouldStopPreparingWhenClosed() {
    var never = new CountDownLatch(1);
    var source =
        new Noted(
            (epoch, step) -> {
              if (step == 1) {
                never.await();
              }
            });
    var batches = new PrefetchingBatches(source, LONG);
    batches.batch(0, 0);
    await().until(() -> source.begun.size() == 2);

    batches.close();

    assertThat(source.closed).isTrue();
    assertThat(source.made).containsExactly("0.0");
    assertThatThrownBy(() -> batches.batch(0, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldNotCloseTheSourceUnderAThreadThatReadsIt() {
    var gate = new CountDownLatch(1);
    var source =
        new Noted(
            (epoch, step) -> {
              if (step == 1) {
                awaitDeafly(gate);
              }
            });
    var batches = new PrefetchingBatches(source, SHORT);
    batches.batch(0, 0);
    await().until(() -> source.begun.size() == 2);

    assertThatThrownBy(batches::close)
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("did not end within 0.05 s");
    assertThat(source.closed).isFalse();

    gate.countDown();
    await().until(() -> !source.threads.get(0).isAlive());
    batches.close();
    assertThat(source.closed).isTrue();
  }

  /** As native code waits: interrupts change nothing. */
  private static void awaitDeafly(CountDownLatch gate) {
    while (gate.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void shouldHeedAnInterruptAndStillCloseTheSource() {
    var never = new CountDownLatch(1);
    var source = new Noted((epoch, step) -> never.await());
    var batches = new PrefetchingBatches(source, LONG);

    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> batches.batch(0, 0))
        .isInstanceOf(BatchException.class)
        .hasMessage("waiting for the batch of epoch 1, step 1 of 6 was interrupted");
    batches.close();
    assertThat(Thread.interrupted()).as("interrupt kept").isTrue();
    assertThat(source.closed).isTrue();
  }

  @Test
  void shouldRefuseStepWithoutSamples() {
    try (var batches = new PrefetchingBatches(images(), LONG)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batches.batch(0, STEPS))
          .withMessage("step 6 has no samples: there are 6 steps");
    }
  }
}
