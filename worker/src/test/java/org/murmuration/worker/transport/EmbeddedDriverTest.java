package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.agrona.SemanticVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EmbeddedDriverTest {
  @TempDir private Path parent;

  @Test
  void shouldLeaveNothingBehind() {
    try (var driver = launch()) {
      assertThat(Path.of(driver.directory())).isDirectory().hasParent(parent);
    }

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void shouldRemoveWhatAKilledProcessLeftBehind() throws IOException {
    var abandoned =
        makeOlder(
            Files.createDirectory(
                parent.resolve("murmuration-aeron-00000001-0000-0000-0000-000000000000")));
    Files.createDirectory(abandoned.resolve("images"));
    Files.write(abandoned.resolve("images/4.logbuffer"), new byte[4096]);
    Files.createFile(abandoned.resolve(CncFileDescriptor.CNC_FILE));
    makeOlder(abandoned);

    launch().close();

    assertThat(abandoned).doesNotExist();
  }

  @Test
  void shouldKeepWhatAnotherDriverUsesOrMakes() throws IOException {
    var notOurs = makeOlder(Files.createDirectory(parent.resolve("other-program")));
    var inTheMaking =
        Files.createDirectory(
            parent.resolve("murmuration-aeron-00000002-0000-0000-0000-000000000000"));
    try (var neighbour = launch()) {
      makeOlder(Path.of(neighbour.directory()));

      launch().close();

      assertThat(Path.of(neighbour.directory())).isDirectory();
    }
    assertThat(parent).isDirectoryContaining(notOurs::equals);
    assertThat(parent).isDirectoryContaining(inTheMaking::equals);
  }

  @Test
  void shouldNeverTouchAFolderOfSomebodyElse() throws IOException {
    var checkout = makeOlder(Files.createDirectory(parent.resolve("murmuration-0.1.0")));
    var sameName =
        makeOlder(
            Files.createDirectory(
                parent.resolve("murmuration-aeron-00000004-0000-0000-0000-000000000000")));
    var results = Files.createDirectory(parent.resolve("murmuration-aeron-results"));
    Files.createFile(results.resolve(CncFileDescriptor.CNC_FILE));
    makeOlder(results);

    launch().close();

    assertThat(checkout).isDirectory();
    assertThat(sameName).isDirectory();
    assertThat(results).isDirectory();
  }

  @Test
  void shouldRemoveWhatWasKilledInTheMaking() throws IOException {
    var abandoned =
        Files.createDirectory(
            parent.resolve("murmuration-aeron-00000001-0000-0000-0000-000000000000"));
    Files.createFile(abandoned.resolve(CncFileDescriptor.CNC_FILE));
    makeOlder(abandoned);

    launch().close();

    assertThat(abandoned).doesNotExist();
  }

  @Test
  void shouldStartBesideADriverOfAnotherVersion() throws IOException {
    var other =
        Files.createDirectory(
            parent.resolve("murmuration-aeron-00000003-0000-0000-0000-000000000000"));
    var heartbeats = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    heartbeats.putInt(0, SemanticVersion.compose(9, 0, 0));
    Files.write(other.resolve(CncFileDescriptor.CNC_FILE), heartbeats.array());
    makeOlder(other);

    launch().close();

    assertThat(other).isDirectory();
  }

  private EmbeddedDriver launch() {
    return EmbeddedDriver.launch(
        new TransportSettings(Duration.ofSeconds(20), 0, parent.toString()),
        InetAddress.getLoopbackAddress());
  }

  private static Path makeOlder(Path path) throws IOException {
    return Files.setLastModifiedTime(
        path, FileTime.from(Instant.now().minus(Duration.ofMinutes(10))));
  }
}
