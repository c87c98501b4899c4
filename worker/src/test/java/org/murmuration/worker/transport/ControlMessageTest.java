package org.murmuration.worker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.agrona.concurrent.UnsafeBuffer;

/** What ranks tell each other arrives as it was said, and what isn't a message is none. */
class ControlMessageTest {
  private static final int MOST = 1400;

  /** Aeron hands out frames at any place of a buffer. */
  private static final int OFFSET = 32;

  private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 14]);

  /** Every message as a line. */
  private static final class Heard implements ControlMessage.Listener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void status(String activity, long step, long inActivityMs, long incarnation) {
      lines.add("status %s %d %d %d".formatted(activity, step, inActivityMs, incarnation));
    }

    @Override
    public void abort(String reason) {
      lines.add("abort " + reason);
    }
  }

  @Property
  void statusArrivesAsItWasSaid(
      @ForAll @StringLength(max = 50) String activity,
      @ForAll long step,
      @ForAll long inActivityMs,
      @ForAll long incarnation) {
    var heard = new Heard();
    var bytes = activity.getBytes(UTF_8);
    ControlMessage.writeStatus(buffer, OFFSET, bytes, step, inActivityMs, incarnation);

    assertThat(ControlMessage.read(buffer, OFFSET, ControlMessage.statusLength(bytes), heard))
        .isTrue();
    assertThat(heard.lines)
        .containsExactly(
            "status %s %d %d %d"
                .formatted(new String(bytes, UTF_8), step, inActivityMs, incarnation));
  }

  @Property
  void abortArrivesAsFarAsItFits(@ForAll @StringLength(max = 3000) String reason) {
    var heard = new Heard();
    var bytes = reason.getBytes(UTF_8);
    var length = ControlMessage.abortLength(bytes, MOST);
    ControlMessage.writeAbort(buffer, OFFSET, bytes, length);

    assertThat(length).isLessThanOrEqualTo(MOST);
    assertThat(ControlMessage.read(buffer, OFFSET, length, heard)).isTrue();
    assertThat(heard.lines)
        .containsExactly(
            "abort " + new String(bytes, 0, Math.min(bytes.length, MOST - Integer.BYTES), UTF_8));
  }

  @Property
  void anythingElseIsRefusedAndNeverAnException(
      @ForAll @Size(max = 64) byte[] bytes, @ForAll @IntRange(max = 3) int kind) {
    var heard = new Heard();
    if (bytes.length > 0) {
      // Else nearly all would fail by their kind alone.
      bytes[0] = (byte) kind;
      for (int i = 1; i < Math.min(bytes.length, Integer.BYTES); i++) {
        bytes[i] = 0;
      }
    }
    buffer.putBytes(OFFSET, bytes);

    var isMessage = ControlMessage.read(buffer, OFFSET, bytes.length, heard);

    assertThat(isMessage)
        .isEqualTo((kind == 0 && bytes.length >= 28) || (kind == 1 && bytes.length >= 4));
    assertThat(heard.lines).hasSize(isMessage ? 1 : 0);
  }
}
