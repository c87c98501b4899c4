package org.murmuration.driver.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A control group of the kernel, as cluster managers make them, whose processes have a limit. */
final class MemoryGroup implements AutoCloseable {
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/memory");
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

  private final Path folder;

  private MemoryGroup(Path folder) {
    this.folder = folder;
  }

  /** A group without processes; only root may make one. */
  static MemoryGroup of(int limitMib) throws IOException {
    var isVersion1 = Files.isDirectory(VERSION_1);
    var root = isVersion1 ? VERSION_1 : VERSION_2;
    if (!isVersion1) {
      Files.writeString(root.resolve("cgroup.subtree_control"), "+memory", US_ASCII);
    }
    var folder = Files.createDirectory(root.resolve("murmuration-test-" + UUID.randomUUID()));
    Files.writeString(
        folder.resolve(isVersion1 ? "memory.limit_in_bytes" : "memory.max"),
        limitMib + "M",
        US_ASCII);
    return new MemoryGroup(folder);
  }

  /** A command that runs the command which follows it, and all that this starts, in the group. */
  List<String> command() {
    return List.of(
        "sh", "-c", "echo $$ > %s/cgroup.procs && exec \"$@\"".formatted(folder), "in-group");
  }

  /** Removes the group, once its processes have ended. */
  @Override
  public void close() throws IOException {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.readString(folder.resolve("cgroup.procs"), US_ASCII).isBlank());
    Files.delete(folder);
  }
}
