package org.murmuration.worker.collective.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ThresholdMessageTest {
  private static final int COUNT = 300;

  private static byte[] message(float threshold, int entries, int... words) {
    var bytes = new UnsafeBuffer(new byte[8 + words.length]);
    bytes.putFloat(0, threshold, LITTLE_ENDIAN);
    bytes.putInt(4, entries, LITTLE_ENDIAN);
    for (int i = 0; i < words.length; i++) {
      bytes.putByte(8 + i, (byte) words[i]);
    }
    return bytes.byteArray();
  }

  private static UnsafeBuffer ones() {
    return Floats.guarded(Floats.filled(COUNT, 1), true);
  }

  private static void decode(byte[] message, UnsafeBuffer vector) {
    ThresholdCodec.decodeAdding(
        new UnsafeBuffer(message), 0, message.length, vector, Floats.GUARD, COUNT);
  }

  private static void assertRefused(String why, byte[] message) {
    var vector = ones();
    assertThatThrownBy(() -> decode(message, vector))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
    assertThat(Floats.readGuarded(vector)).containsOnly(1);
  }

  @Test
  void shouldNameWhatIsWrong() {
    assertRefused("cut short: 7 bytes, a header alone has 8", new byte[7]);
    assertRefused("threshold is -1.0", message(-1, 0));
    assertRefused("threshold is Infinity", message(Float.POSITIVE_INFINITY, 0));
    assertRefused("1 entries for a threshold of 0.0", message(0, 1, 2));
    assertRefused("1 entries for a threshold of NaN", message(Float.NaN, 1, 2));
    assertRefused("it has -1 entries, must be 0 to 300", message(1, -1));
    assertRefused("it has 301 entries", message(1, 301));
    assertRefused("cut short: it ends inside or before an entry, after index 0", message(1, 2, 2));
    assertRefused("cut short", message(1, 1, 0x80));
    assertRefused("a gap of 0 after index 0", message(1, 2, 2, 1));
    assertRefused("a gap of 301 after index -1, of 300 values", message(1, 1, 0xda, 4));
    assertRefused("a gap of 300 after index 0", message(1, 2, 2, 0xd8, 4));
    assertRefused("index out of range", message(1, 1, 0xff, 0xff, 0xff, 0xff, 0x7f));
    assertRefused("varint too long", message(1, 1, 0x82, 0x80, 0x80, 0x80, 0x80, 0));
    assertRefused("2 bytes follow its 1 entries", message(1, 1, 2, 2, 2));
    assertRefused("1 bytes follow its 0 entries", message(Float.NaN, 0, 2));
  }

  @Test
  void shouldReachTheLastValue() {
    var vector = ones();
    // Word 601: a gap of 300, negative.
    decode(message(0.25f, 1, 0xd9, 4), vector);
    assertThat(Floats.readGuarded(vector)[COUNT - 1]).isEqualTo(0.75f);
  }

  @Property(tries = 500)
  void shouldNeverWriteOutside(@ForAll @Size(max = 40) byte[] message) {
    assertRefusedOrApplied(message);
  }

  @Property(tries = 2000)
  void shouldNeverWriteOutsideForAnyEntries(
      @ForAll @IntRange(max = 8) int entries, @ForAll @Size(max = 12) byte[] words) {
    var message = message(0.5f, entries, new int[words.length]);
    System.arraycopy(words, 0, message, 8, words.length);
    assertRefusedOrApplied(message);
  }

  @Property(tries = 500)
  void shouldNeverWriteOutsideForAMessageWithAWrongByte(@ForAll long seed) {
    var random = new Random(seed);
    var vector = Floats.guarded(Floats.gaussian(random, COUNT, 1), true);
    var residual = Floats.guarded(new float[COUNT], true);
    var wire = Floats.buffer(ThresholdCodec.maxEncodedLength(COUNT), true);
    var length = new ThresholdCodec(0.05).encode(vector, residual, Floats.GUARD, COUNT, wire, 0);
    var message = Floats.bytes(wire, 0, length);
    message[random.nextInt(length)] ^= (byte) (1 + random.nextInt(255));
    assertRefusedOrApplied(message);
  }

  private static void assertRefusedOrApplied(byte[] message) {
    var vector = ones();
    try {
      decode(message, vector);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("damaged threshold message: ");
      assertThat(Floats.readGuarded(vector)).containsOnly(1);
    }
    assertThat(Floats.guardsUntouched(vector)).isTrue();
  }
}
