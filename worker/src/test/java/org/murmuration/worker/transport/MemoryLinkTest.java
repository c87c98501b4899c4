package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryLinkTest {
  private static final long OPERATION = 3;
  private static final JobIdentity JOB = JobIdentity.create(5, 1);

  private final Rejections rejections = new Rejections();
  private final List<MemoryLink> links = new ArrayList<>();
  private boolean present = true;
  private Path directory;
  private MemoryLink left;
  private MemoryLink right;

  @BeforeEach
  @BeforeTry
  void connect() throws IOException {
    directory = Files.createTempDirectory("rings");
    left = link(0, 1);
    right = link(1, 0);
    assertThat(links).allMatch(MemoryLink::isConnected);
  }

  @AfterEach
  @AfterTry
  void close() {
    links.forEach(MemoryLink::close);
    links.clear();
    IoUtil.delete(directory.toFile(), false);
  }

  private MemoryLink link(int from, int to) {
    var link =
        new MemoryLink(
            new PeerAddress(to, "127.0.0.1", 40000 + to, "process", "driver"),
            FrameRing.make(ring(from, to)),
            () -> FrameRing.find(ring(to, from)),
            () -> present,
            new FrameCodec(JOB, from, Optional.empty()),
            new FrameReceiver(new FrameCodec(JOB, to, Optional.empty()), rejections));
    links.add(link);
    return link;
  }

  private Path ring(int from, int to) {
    return directory.resolve(from + "-" + to);
  }

  private static boolean send(MemoryLink link, byte[] payload) {
    return link.trySend(
        OPERATION, payload.length, (buffer, offset) -> buffer.putBytes(offset, payload));
  }

  /** What one poll brings. */
  private static List<byte[]> poll(MemoryLink link, long operation) {
    List<byte[]> got = new ArrayList<>();
    link.poll(
        operation,
        (buffer, offset, length) -> {
          var payload = new byte[length];
          buffer.getBytes(offset, payload);
          got.add(payload);
          return true;
        });
    return got;
  }

  @Property(tries = 20)
  void shouldBringEveryFrameOnceInOrderAndUnaltered(
      @ForAll @IntRange(max = 1000) int seed, @ForAll @IntRange(min = 1, max = 300) int frames) {
    var random = new Random(seed);
    List<byte[]> sent = new ArrayList<>();
    List<byte[]> got = new ArrayList<>();
    while (got.size() < frames) {
      // In bursts of any length, so that the ring is met full, empty and at every offset.
      for (int burst = random.nextInt(30); burst > 0 && sent.size() < frames; burst--) {
        var payload = new byte[random.nextInt(left.maxPayloadLength() + 1)];
        random.nextBytes(payload);
        if (!send(left, payload)) {
          break;
        }
        sent.add(payload);
      }
      got.addAll(poll(right, OPERATION));
    }

    assertThat(got).hasSameSizeAs(sent);
    for (int i = 0; i < frames; i++) {
      assertThat(got.get(i)).isEqualTo(sent.get(i));
    }
    assertThat(rejections.total()).isZero();
  }

  @Test
  void shouldRefuseWhatDoesNotFitUntilTheReaderHasMadeRoom() {
    var payload = new byte[left.maxPayloadLength()];
    int sent = 0;
    while (send(left, payload)) {
      sent++;
    }

    assertThat(sent).isPositive();
    assertThat(poll(right, OPERATION)).isNotEmpty();
    assertThat(send(left, payload)).isTrue();
  }

  @Test
  void shouldGoBothWays() {
    send(left, new byte[] {1});
    send(right, new byte[] {2});

    assertThat(poll(right, OPERATION)).containsExactly(new byte[] {1});
    assertThat(poll(left, OPERATION)).containsExactly(new byte[] {2});
  }

  @Test
  void shouldStopWhenTheHandlerWantsNoMore() {
    send(left, new byte[] {1});
    send(left, new byte[] {2});
    List<Byte> first = new ArrayList<>();

    right.poll(OPERATION, (buffer, offset, length) -> !first.add(buffer.getByte(offset)));

    assertThat(first).containsExactly((byte) 1);
    assertThat(poll(right, OPERATION)).containsExactly(new byte[] {2});
  }

  @Test
  void shouldDropAndCountFramesOfAnotherOperation() {
    send(left, new byte[8]);

    assertThat(poll(right, OPERATION + 1)).isEmpty();
    assertThat(rejections.total()).isEqualTo(1);
  }

  @Test
  void shouldBringWhatWasSentBeforeThePeerLeftAndThenSaySo() {
    send(left, new byte[] {7});
    present = false;

    assertThat(poll(right, OPERATION)).containsExactly(new byte[] {7});
    assertThatThrownBy(() -> poll(right, OPERATION))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("the connection from rank 0 at 127.0.0.1:40000 has ended");
  }

  @Test
  void shouldSayThatThePeerHasLeftWhenItNoLongerMakesRoom() {
    while (send(left, new byte[left.maxPayloadLength()])) {
      assertThat(rejections.total()).isZero();
    }
    present = false;

    assertThatThrownBy(() -> send(left, new byte[left.maxPayloadLength()]))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("the connection to rank 1 at 127.0.0.1:40001 has ended");
  }

  @Test
  void shouldHandOnWhatTheHandlerThrows() {
    send(left, new byte[8]);

    assertThatThrownBy(
            () ->
                right.poll(
                    OPERATION,
                    (buffer, offset, length) -> {
                      throw new IllegalStateException("too many values");
                    }))
        .hasMessage("too many values");
  }

  @Test
  void shouldBeConnectedOnlyWhenThePeerHasMadeItsRing() {
    var early = link(4, 5);
    assertThat(early.isConnected()).isFalse();

    var late = link(5, 4);

    assertThat(early.isConnected()).isTrue();
    assertThat(late.isConnected()).isTrue();
  }

  @Test
  void shouldNameTheSettingWhenTheFolderCannotTakeTheRing() {
    assertThatThrownBy(() -> FrameRing.make(directory.resolve("none").resolve("ring")))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("averaging.directory");
  }
}
