package org.murmuration.worker.bench.collective;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.Rendezvous;

/** Who takes turns. */
enum Contender {
  MEMORY_COPY,
  TCP_RING,
  IPC_FP32,
  IPC_BF16,
  IPC_FP16,
  UDP_FP32,
  UDP_BF16,
  UDP_FP16,
  DL4J;

  /** The contender whose time the others' are compared with. */
  static final Contender REFERENCE = TCP_RING;

  /**
   * Takes a rank's place; all ranks must call it.
   *
   * @param directory for temporary files, the same for all ranks
   */
  Exchange join(Rendezvous rendezvous, Path directory) {
    // Ranks without a common folder don't see that they share a host.
    var own = directory.resolve("rank-" + rendezvous.rank());
    return switch (this) {
      case MEMORY_COPY -> new MemoryCopy(rendezvous);
      case TCP_RING -> TcpRing.join(rendezvous);
      case IPC_FP32 -> CollectiveExchange.join(rendezvous, Wire.FP32, directory);
      case IPC_BF16 -> CollectiveExchange.join(rendezvous, Wire.BF16, directory);
      case IPC_FP16 -> CollectiveExchange.join(rendezvous, Wire.FP16, directory);
      case UDP_FP32 -> CollectiveExchange.join(rendezvous, Wire.FP32, own);
      case UDP_BF16 -> CollectiveExchange.join(rendezvous, Wire.BF16, own);
      case UDP_FP16 -> CollectiveExchange.join(rendezvous, Wire.FP16, own);
      case DL4J -> Dl4jExchange.join(rendezvous);
    };
  }

  /**
   * What Java is started with for a rank.
   *
   * @param build the folder of what was built
   * @param directory for temporary files, the same for all ranks
   */
  List<String> javaOptions(Path build, Path directory, int rank) {
    var classPath = System.getProperty("java.class.path");
    if (this != DL4J) {
      return List.of("-Xmx512m", "-cp", classPath);
    }
    return List.of(
        // It serialises what it sends, on the heap.
        "-Xmx2g",
        // Its Aeron refuses to start with what is the default for this: DL4J waits longer.
        "-Daeron.publication.unblock.timeout=45000000000",
        "-Daeron.dir=" + directory.resolve("aeron-" + rank),
        "-cp",
        build.resolve("aeron-of-dl4j").resolve("*") + File.pathSeparator + classPath);
  }

  /**
   * Whether it takes one short turn, and none when numbers may be rough: what a shorter wire saves
   * is seen on a network, which one machine hasn't got, and DL4J takes seconds for one operation.
   */
  boolean isExtra() {
    return switch (this) {
      case IPC_BF16, IPC_FP16, UDP_BF16, UDP_FP16, DL4J -> true;
      case MEMORY_COPY, TCP_RING, IPC_FP32, UDP_FP32 -> false;
    };
  }

  /** Whether ranks exchange anything, without which a bus bandwidth means nothing. */
  boolean isCollective() {
    return this != MEMORY_COPY;
  }

  /** Its name on the command line and in the table. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The contenders whose names begin like this, such as {@code udp}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static List<Contender> named(String name) {
    var found =
        Arrays.stream(values()).filter(contender -> contender.option().startsWith(name)).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no contender \"%s\"; there are %s"
              .formatted(
                  name,
                  Arrays.stream(values())
                      .map(Contender::option)
                      .collect(Collectors.joining(", "))));
    }
    return found;
  }
}
