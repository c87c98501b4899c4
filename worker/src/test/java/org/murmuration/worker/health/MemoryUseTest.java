package org.murmuration.worker.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryUseTest {
  private static final int MIB = 1 << 20;

  @Test
  void shouldSeeWhatHoldsMemory() {
    var before = MemoryUse.now();
    var buffer = ByteBuffer.allocateDirect(40 * MIB);
    try (var array = new BytePointer(50 * MIB)) {
      array.fill(1);
      var now = MemoryUse.now();

      assertThat(now.direct() - before.direct()).isBetween(39L, 41L);
      assertThat(now.nativeArrays() - before.nativeArrays()).isBetween(49L, 51L);
      assertThat(now.resident() - before.resident()).isGreaterThan(45);
      assertThat(now.heap()).isPositive().isLessThan(now.heapLimit());
      assertThat(buffer.capacity()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Java heap space | Raise spark.executor.memory",
        "Cannot reserve 4096 bytes of direct buffer memory (allocated: 1, limit: 2) | lower data.memory-per-rank",
        "Cannot allocate new FloatPointer(4): totalBytes = 9M, physicalBytes = 9M | train.recompute",
        "unable to create native thread | ulimit -u"
      })
  void shouldSayWhatWasAskedForWhatHoldsTheRestAndWhatToDo(String said, String advice) {
    var error = new IllegalStateException("a batch", new OutOfMemoryError(said));

    assertThat(MemoryUse.explained(error))
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .startsWith("out of memory: " + said + ". In use: heap ")
                    .contains("direct buffers", "native arrays", "MiB resident")
                    .contains(advice));
  }

  @Test
  void shouldLeaveOtherErrorsAlone() {
    assertThat(MemoryUse.explained(new IllegalStateException("else"))).isEmpty();
  }
}
