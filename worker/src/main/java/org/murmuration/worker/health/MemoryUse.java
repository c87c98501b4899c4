package org.murmuration.worker.health;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What holds the memory of this process, in MiB.
 *
 * @param heap of Java, in use
 * @param heapLimit that it may take
 * @param direct buffers outside of the heap: images, frames, vectors
 * @param mapped files that are mapped
 * @param beyond the rest, at most: arrays of ND4J, which nothing counts, libraries, and what the
 *     heap had once in use
 * @param resident all that the process has in memory
 */
public record MemoryUse(
    long heap, long heapLimit, long direct, long mapped, long beyond, long resident) {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryUse.class);
  private static final long MIB = 1 << 20;

  /** Now. */
  public static MemoryUse now() {
    try {
      var java = ManagementFactory.getMemoryMXBean();
      var heap = java.getHeapMemoryUsage();
      long direct = pool("direct");
      long mapped = pool("mapped");
      long resident = ContainerCheck.residentMib();
      long counted =
          (heap.getUsed() + java.getNonHeapMemoryUsage().getCommitted()) / MIB + direct + mapped;
      return new MemoryUse(
          heap.getUsed() / MIB,
          heap.getMax() / MIB,
          direct,
          mapped,
          Math.max(0, resident - counted),
          resident);
    } catch (IOException e) {
      throw new UncheckedIOException("the memory of this process can't be read", e);
    }
  }

  /** The most that the JVM gives to direct buffers: the size of the heap, unless it was told. */
  public static long directLimitBytes() {
    var option =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxDirectMemorySize");
    long told = Long.parseLong(option.getValue());
    return told > 0 ? told : Runtime.getRuntime().maxMemory();
  }

  private static long pool(String name) {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals(name))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum()
        / MIB;
  }

  /**
   * Says what memory was lacking, if an error comes of that. To be called before what holds the
   * memory is closed.
   *
   * @throws LackOfMemoryException if it does
   */
  public static void throwIfLacking(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof LackOfMemoryException told) {
        throw told;
      }
      if (cause instanceof OutOfMemoryError lack) {
        LOG.error("this process is out of memory", error);
        throw new LackOfMemoryException(
            "out of memory: %s. In use: %s. %s".formatted(lack.getMessage(), now(), advice(lack)));
      }
    }
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
    return "heap %d of %d MiB, direct buffers %d MiB, mapped files %d MiB, arrays, libraries and garbage up to %d MiB, in all %d MiB resident"
        .formatted(heap, heapLimit, direct, mapped, beyond, resident);
  }
}
