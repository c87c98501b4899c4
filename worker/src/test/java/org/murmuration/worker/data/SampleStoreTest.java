package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleStoreTest {

  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path spill;

  /** One segment holds 1365 images of 3072 bytes: 4,193,280 bytes. */
  @ParameterizedTest
  @CsvSource({
    "0,         0,        12579840",
    "4193279,   0,        12579840",
    "4193280,   4193280,   8386560",
    "9000000,   8386560,   4193280",
    "100000000, 12579840,        0",
  })
  void shouldReturnWhatWasAddedFromMemoryAndSpillFile(long limit, long memory, long spilled) {
    ImageShape shape = new ImageShape(3, 32, 32);
    int samples = 3 * 1365 - 7;
    try (SampleStore store = new SampleStore(shape, limit, spill)) {
      Random random = new Random(1);
      byte[] pixels = new byte[5 + shape.bytes()];
      for (int i = 0; i < samples; i++) {
        random.nextBytes(pixels);
        assertThat(store.add(pixels, 5, i % 10)).isEqualTo(i);
      }
      assertThat(store.size()).isEqualTo(samples);
      assertThat(store.memoryBytes()).isEqualTo(memory);
      assertThat(store.spilledBytes()).isEqualTo(spilled);

      Random again = new Random(1);
      byte[] found = new byte[2 + shape.bytes()];
      for (int i = 0; i < samples; i++) {
        again.nextBytes(pixels);
        store.copyTo(i, ByteBuffer.wrap(found), 2);
        assertThat(ByteBuffer.wrap(found, 2, shape.bytes()))
            .as("sample %d", i)
            .isEqualTo(ByteBuffer.wrap(pixels, 5, shape.bytes()));
        assertThat(store.label(i)).isEqualTo(i % 10);
      }
    }
  }

  @Test
  void shouldKeepImagesLargerThanASegment() {
    ImageShape shape = new ImageShape(1, 5, MEBIBYTE);
    try (SampleStore store = new SampleStore(shape, shape.bytes(), spill)) {
      byte[] pixels = new byte[shape.bytes()];
      for (int i = 0; i < 2; i++) {
        pixels[pixels.length - 1] = (byte) (200 + i);
        store.add(pixels, 0, i);
      }
      ByteBuffer target = ByteBuffer.allocate(shape.bytes());
      store.copyTo(0, target, 0);
      assertThat(target.get(shape.bytes() - 1)).isEqualTo((byte) 200);
      store.copyTo(1, target, 0);
      assertThat(target.get(shape.bytes() - 1)).isEqualTo((byte) 201);
      assertThat(store.memoryBytes()).isEqualTo(shape.bytes());
      assertThat(store.spilledBytes()).isEqualTo(shape.bytes());
    }
  }

  @Test
  void shouldWriteNothingOutsideTheTarget() {
    try (SampleStore store = new SampleStore(new ImageShape(1, 1, 2), MEBIBYTE * 4L, spill)) {
      store.add(new byte[] {0, (byte) 255}, 0, 0);
      ByteBuffer target = ByteBuffer.wrap(new byte[] {7, 7, 7, 7});
      target.position(3);
      store.copyTo(0, target, 1);
      assertThat(target.array()).containsExactly(7, 0, 255, 7);
      assertThat(target.position()).isEqualTo(3);
      assertThatThrownBy(() -> store.copyTo(0, target, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void shouldCreateSpillFileOnlyWhenNeededAndLeaveNothing() {
    ImageShape shape = new ImageShape(1, 2, MEBIBYTE);
    try (SampleStore store = new SampleStore(shape, 2L * shape.bytes(), spill)) {
      store.add(new byte[shape.bytes()], 0, 0);
      store.add(new byte[shape.bytes()], 0, 0);
      assertThat(store.spilledBytes()).isZero();
      store.add(new byte[shape.bytes()], 0, 0);
      assertThat(store.spilledBytes()).isEqualTo(2L * shape.bytes());
    }
    assertThat(spill).isEmptyDirectory();
  }

  @Test
  void shouldSurviveAKillWithoutLeavingTheSpillFile() {
    try (SampleStore store = new SampleStore(new ImageShape(1, 1, 1), 0, spill)) {
      store.add(new byte[1], 0, 0);
      assertThat(store.spilledBytes()).isPositive();
      assertThat(spill).as("the open spill file has no name").isEmptyDirectory();
    }
  }

  @Test
  void shouldNotBeReadableOnceClosed() {
    ImageShape shape = new ImageShape(4, MEBIBYTE, 1);
    SampleStore store = new SampleStore(shape, shape.bytes(), spill);
    store.add(new byte[shape.bytes()], 0, 0);
    store.add(new byte[shape.bytes()], 0, 0);
    store.close();
    store.close();
    assertThat(store.size()).isZero();
    assertThat(store.memoryBytes()).isZero();
    assertThat(store.spilledBytes()).isZero();
    assertThatThrownBy(() -> store.copyTo(0, ByteBuffer.allocate(shape.bytes()), 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> store.label(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> store.add(new byte[shape.bytes()], 0, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldRefuseImageThatIsTooShort() {
    try (SampleStore store = new SampleStore(new ImageShape(3, 2, 2), 0, spill)) {
      assertThatThrownBy(() -> store.add(new byte[12], 1, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(store.size()).isZero();
    }
  }

  @Test
  void shouldNameTheSpillFolderThatCannotBeWritten() {
    Path missing = spill.resolve("missing");
    try (SampleStore store = new SampleStore(new ImageShape(1, 1, 1), 0, missing)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> store.add(new byte[1], 0, 0))
          .withMessageContaining(missing.toString())
          .withMessageContaining("4194304 bytes");
    }
  }

  @Test
  void shouldRefuseNegativeLimit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SampleStore(new ImageShape(1, 1, 1), -1, spill).close())
        .withMessageContaining("-1");
  }
}
