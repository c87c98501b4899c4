package org.murmuration.worker.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.ChildJvm;

class MemoryUseTest {
  private static final int MIB = 1 << 20;

  /** A process that does nothing else: here, other tests' garbage goes at any moment. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) {
      var before = MemoryUse.now();
      var buffer = ByteBuffer.allocateDirect(40 * MIB);
      try (var array = new BytePointer(50 * MIB)) {
        array.fill(1);
        var now = MemoryUse.now();
        System.out.printf(
            "%d %d %d %b %d%n",
            now.direct() - before.direct(),
            now.beyond() - before.beyond(),
            now.resident() - before.resident(),
            now.heap() > 0 && now.heap() < now.heapLimit(),
            buffer.capacity());
      }
    }
  }

  @Test
  void shouldSeeWhatHoldsMemory() throws Exception {
    var holder =
        new ProcessBuilder(ChildJvm.command(Holder.class))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();

    var said = new String(holder.getInputStream().readAllBytes(), UTF_8).strip().split(" ", -1);

    assertThat(Long.parseLong(said[0])).as("direct").isBetween(39L, 41L);
    assertThat(Long.parseLong(said[1])).as("beyond what the JVM counts").isBetween(45L, 55L);
    assertThat(Long.parseLong(said[2])).as("resident").isBetween(88L, 100L);
    assertThat(said[3]).as("heap below its limit").isEqualTo("true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Java heap space | Raise spark.executor.memory",
        "Cannot reserve 4096 bytes of direct buffer memory (allocated: 1, limit: 2) | lower data.memory-per-rank",
        "Failed to allocate [4096] bytes | train.recompute",
        "unable to create native thread | ulimit -u"
      })
  void shouldSayWhatWasAskedForWhatHoldsTheRestAndWhatToDo(String said, String advice) {
    var error = new IllegalStateException("a batch", new OutOfMemoryError(said));

    assertThatThrownBy(() -> MemoryUse.throwIfLacking(error))
        .isInstanceOf(LackOfMemoryException.class)
        .hasMessageStartingWith("out of memory: " + said + ". In use: heap ")
        .hasMessageContainingAll("direct buffers", "arrays, libraries", "MiB resident", advice)
        .hasNoCause();
  }

  /** What was told where the memory was still held is not told again. */
  @Test
  void shouldKeepWhatWasTold() {
    var told = new LackOfMemoryException("told");

    assertThatThrownBy(() -> MemoryUse.throwIfLacking(new IllegalStateException("a rank", told)))
        .isSameAs(told);
  }

  @Test
  void shouldLeaveOtherErrorsAlone() {
    assertThatCode(() -> MemoryUse.throwIfLacking(new IllegalStateException("else")))
        .doesNotThrowAnyException();
  }
}
