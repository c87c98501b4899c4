package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedStoreTest {
  private static final int SEGMENT = 4 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {0, SEGMENT, Long.MAX_VALUE})
  void givesBackFilesOfAnyLength(long limit) {
    var random = new SplittableRandom(1);
    List<byte[]> files = new ArrayList<>();
    for (int length : new int[] {0, 1, 1_000_000, SEGMENT, SEGMENT + 1, 3, 3_999_999, 500_000}) {
      var file = new byte[length];
      random.nextBytes(file);
      files.add(file);
    }
    for (int i = 0; i < 3_000; i++) {
      files.add(new byte[] {(byte) i});
    }
    try (var store = new EncodedStore(limit, folder)) {
      for (int i = 0; i < files.size(); i++) {
        assertThat(store.add(files.get(i), i * 7)).isEqualTo(i);
      }
      assertThat(store.size()).isEqualTo(files.size());
      for (int i = 0; i < files.size(); i++) {
        assertThat(store.bytes(i)).isEqualTo(files.get(i));
        assertThat(store.label(i)).isEqualTo(i * 7);
      }
      assertThat(store.memoryBytes()).isLessThanOrEqualTo(limit);
      assertThat(store.memoryBytes() + store.spilledBytes()).isGreaterThan(4L * SEGMENT);
    }
  }

  @Test
  void isEmptyOnceClosed() {
    var store = new EncodedStore(0, folder);
    store.add(new byte[1], 0);
    store.close();
    store.close();

    assertThat(store.size()).isZero();
    assertThatThrownBy(() -> store.bytes(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> store.add(new byte[1], 0)).isInstanceOf(IllegalStateException.class);
    assertThat(folder).isEmptyDirectory();
  }
}
