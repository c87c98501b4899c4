package org.murmuration.worker.health;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;

/**
 * What holds the memory of this process, in MiB.
 *
 * @param heap of Java, in use
 * @param heapLimit that it may take
 * @param direct buffers outside of the heap: images, frames, vectors
 * @param mapped files that are mapped
 * @param nativeArrays that ND4J and its libraries have allocated
 * @param resident all that the process has in memory
 */
public record MemoryUse(
    long heap, long heapLimit, long direct, long mapped, long nativeArrays, long resident) {
  private static final long MIB = 1 << 20;

  /** Now. */
  public static MemoryUse now() {
    try {
      var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
      return new MemoryUse(
          heap.getUsed() / MIB,
          heap.getMax() / MIB,
          pool("direct"),
          pool("mapped"),
          Pointer.totalBytes() / MIB,
          ContainerCheck.residentMib());
    } catch (IOException e) {
      throw new UncheckedIOException("the memory of this process can't be read", e);
    }
  }

  private static long pool(String name) {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals(name))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum()
        / MIB;
  }

  /**
   * What an error says that comes of a lack of memory: what was asked for, what holds the rest, and
   * the setting to change; empty for other errors.
   */
  public static Optional<String> explained(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError lack) {
        return Optional.of(
            "out of memory: %s. In use: %s. %s".formatted(lack.getMessage(), now(), advice(lack)));
      }
    }
    return Optional.empty();
  }

  private static String advice(OutOfMemoryError lack) {
    var said = String.valueOf(lack.getMessage());
    if (said.contains("heap space") || said.contains("GC overhead")) {
      return "Raise spark.executor.memory";
    }
    if (said.contains("direct buffer")) {
      return "Raise spark.executor.memory, which limits buffers outside of the heap, too (-XX:MaxDirectMemorySize), or lower data.memory-per-rank";
    }
    if (said.contains("thread")) {
      return "Raise the limit of processes (ulimit -u), or run fewer ranks on this host";
    }
    return "Lower train.batch-size, or set train.accumulate or train.recompute; or give the container more memory (spark.executor.memoryOverhead)";
  }

  @Override
  public String toString() {
    return "heap %d of %d MiB, direct buffers %d MiB, mapped files %d MiB, native arrays %d MiB, in all %d MiB resident"
        .formatted(heap, heapLimit, direct, mapped, nativeArrays, resident);
  }
}
