package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.Aeron;
import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.SemanticVersion;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SharedDriverTest {
  @TempDir private Path parent;

  @Test
  void shouldLeaveNothingBehind() {
    try (var driver = launch()) {
      assertThat(Path.of(driver.aeronDirectory())).isDirectory().startsWith(parent);
    }

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void shouldRemoveWhatAKilledProcessLeftBehind() throws IOException {
    var abandoned =
        makeOlder(Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000001-0")));
    Files.createDirectories(abandoned.resolve("aeron/images"));
    Files.write(abandoned.resolve("aeron/images/4.logbuffer"), new byte[4096]);
    Files.createFile(heartbeats(abandoned));
    makeOlder(abandoned);

    launch().close();

    assertThat(abandoned).doesNotExist();
  }

  @Test
  void shouldKeepWhatAnotherDriverUsesOrMakes() throws IOException {
    var notOurs = makeOlder(Files.createDirectory(parent.resolve("other-program")));
    var inTheMaking = Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000002-0"));
    try (var neighbour = launch()) {
      makeOlder(Path.of(neighbour.aeronDirectory()).getParent());

      launch().close();

      assertThat(Path.of(neighbour.aeronDirectory()).getParent()).isDirectory();
    }
    assertThat(parent).isDirectoryContaining(notOurs::equals);
    assertThat(parent).isDirectoryContaining(inTheMaking::equals);
  }

  @Test
  void shouldNeverTouchAFolderOfSomebodyElse() throws IOException {
    var checkout = makeOlder(Files.createDirectory(parent.resolve("murmuration-0.1.0")));
    var sameName =
        makeOlder(Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000004-0")));
    var results = Files.createDirectory(parent.resolve("murmuration-aeron-results"));
    Files.createFile(heartbeats(results));
    makeOlder(results);

    launch().close();

    assertThat(checkout).isDirectory();
    assertThat(sameName).isDirectory();
    assertThat(results).isDirectory();
  }

  @Test
  void shouldRemoveWhatWasKilledInTheMaking() throws IOException {
    var abandoned = Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000001-0"));
    Files.createFile(heartbeats(abandoned));
    makeOlder(abandoned);

    launch().close();

    assertThat(abandoned).doesNotExist();
  }

  /** Else everybody would be dead to everybody when the time of day is set. */
  @Test
  void shouldTellLifeByAClockThatNobodySets() throws IOException {
    try (var driver = launch()) {
      var file = Path.of(driver.aeronDirectory()).resolve(CncFileDescriptor.CNC_FILE);
      var before = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
      try (var channel = FileChannel.open(file)) {
        var bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        var head = CncFileDescriptor.createMetaDataBuffer(bytes);
        var beat =
            new ManyToOneRingBuffer(CncFileDescriptor.createToDriverBuffer(bytes, head))
                .consumerHeartbeatTime();
        assertThat(beat).isBetween(before - 5000, before + 5000);
        assertThat(System.currentTimeMillis() - beat)
            .isGreaterThan(Duration.ofDays(365).toMillis());
      }
    }
  }

  /** The file has its size, and what is written last isn't there yet. */
  @Test
  @Timeout(20)
  void shouldNotWaitForWhatWasKilledAMomentLater() throws IOException {
    var abandoned = Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000001-0"));
    Files.write(heartbeats(abandoned), new byte[4096]);
    makeOlder(abandoned);

    launch().close();

    assertThat(abandoned).doesNotExist();
  }

  @Test
  void shouldStartBesideADriverOfAnotherVersion() throws IOException {
    var other = Files.createDirectory(parent.resolve("murmuration-aeron-0000000000000003-0"));
    var heartbeats = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    heartbeats.putInt(0, SemanticVersion.compose(9, 0, 0));
    Files.write(heartbeats(other), heartbeats.array());
    makeOlder(other);

    launch().close();

    assertThat(other).isDirectory();
  }

  private SharedDriver launch() {
    return join(ThreadLocalRandom.current().nextLong(), 0, 0);
  }

  private SharedDriver join(long jobId, int attempt, int rank) {
    return SharedDriver.join(
        TransportSettings.defaults().withDirectory(parent.toString()),
        InetAddress.getLoopbackAddress(),
        parent,
        JobIdentity.create(jobId, attempt),
        rank);
  }

  @Test
  void shouldBeSharedByTheRanksOfAnAttemptAndOutlastThem() {
    try (var first = join(5, 0, 3)) {
      try (var second = join(5, 0, 1);
          var user = Aeron.connect(client(second))) {
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.aeronDirectory()).isEqualTo(first.aeronDirectory());
        assertThat(second.ownerRank()).isEqualTo(3);
        assertThat(user.isClosed()).isFalse();
      }
      assertThat(first.isActive(Duration.ofSeconds(5))).isTrue();
      assertThat(Path.of(first.aeronDirectory())).isDirectory();
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void shouldNotBeSharedWithAnotherJobOrAttempt() {
    try (var first = join(5, 0, 0);
        var nextAttempt = join(5, 1, 0);
        var otherJob = join(6, 0, 0)) {
      assertThat(Set.of(first.id(), nextAttempt.id(), otherJob.id())).hasSize(3);
    }
  }

  @Test
  void shouldWaitForItsUsersBeforeItEnds() throws Exception {
    var first = join(5, 0, 0);
    var second = join(5, 0, 1);
    var user = Aeron.connect(client(second));
    // A driver knows of a user from its first wish on.
    assertThat(user.addSubscription("aeron:ipc", 1).isClosed()).isFalse();
    var ending = CompletableFuture.runAsync(first::close);

    assertThat(user.addSubscription("aeron:ipc", 2).isClosed()).isFalse();
    user.close();
    second.close();

    ending.get(10, TimeUnit.SECONDS);
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void shouldRefuseAFolderThatOthersMayEnter() throws IOException {
    var name = DriverDirectories.name(JobIdentity.create(5, 0));
    var open = Files.createDirectory(parent.resolve(name));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> join(5, 0, 0))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("must be this user's alone");
  }

  private static Aeron.Context client(SharedDriver driver) {
    return new Aeron.Context()
        .epochClock(new HostClock())
        .aeronDirectoryName(driver.aeronDirectory());
  }

  private static Path heartbeats(Path directory) throws IOException {
    return Files.createDirectories(directory.resolve("aeron")).resolve(CncFileDescriptor.CNC_FILE);
  }

  private static Path makeOlder(Path path) throws IOException {
    return Files.setLastModifiedTime(
        path, FileTime.from(Instant.now().minus(Duration.ofMinutes(10))));
  }
}
