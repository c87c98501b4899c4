package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.data.SampleTally;
import org.murmuration.worker.training.RankState.Kept;
import org.murmuration.worker.training.RankState.Sharing;

class CheckpointTest {
  private static final float[] ODD_VALUES = {
    0, -0f, 1.5f, -3e38f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, (float) Math.PI
  };

  static Checkpoint checkpoint(int epoch, float[] parameters, float[] updaterState) {
    var report =
        new EpochReport(
            1,
            7,
            43,
            0.1,
            2.5,
            17.2,
            1,
            0.5,
            0.75,
            0.25,
            new RankTimes(2, 1.5, 0.25, 0.5, 0.125),
            Double.NaN,
            Double.NaN,
            new Coverage(43, "ff", 43, "ff"),
            "ab12");
    return new Checkpoint(
        new ModelState(
            epoch,
            7 * epoch,
            FloatBuffer.wrap(parameters),
            FloatBuffer.wrap(updaterState),
            FloatBuffer.wrap(new float[] {1, -2})),
        5,
        new TreeMap<>(Map.of("seed", "1", "network", "ärger")),
        List.of(report),
        List.of(totals(3), totals(4)),
        List.of(new Incident(Incident.Kind.LOSS_SPIKE, 2, 3, "high")));
  }

  private static EpochTotals totals(int samples) {
    return new EpochTotals(0.1 * samples, new SampleTally(samples, -samples), 1, 2, 3, 4, 5);
  }

  /** What two ranks alone knew. */
  private static Checkpoint.RankStates ranks() {
    return new Checkpoint.RankStates() {
      @Override
      public int count() {
        return 2;
      }

      @Override
      public byte[] of(int rank) {
        var values = new float[] {rank, Float.MIN_VALUE, -0f};
        return new RankState(
                new TreeMap<>(Map.of("lost", Kept.of(Sharing.ADDED, FloatBuffer.wrap(values)))))
            .encode();
      }

      @Override
      public void close() {}
    };
  }

  private static byte[] bytes(Checkpoint checkpoint) throws IOException {
    var out = new ByteArrayOutputStream();
    checkpoint.write(out, ranks());
    return out.toByteArray();
  }

  private static Checkpoint read(byte[] bytes) throws IOException {
    return read(bytes, Inheritance.ofNobody());
  }

  private static Checkpoint read(byte[] bytes, Inheritance heir) throws IOException {
    return Checkpoint.read(new ByteArrayInputStream(bytes), heir);
  }

  /** Values of all kinds, no optimizer state, more than one chunk, and zeros of a length of 2^n. */
  static Stream<Checkpoint> checkpoints() {
    var many = new float[40_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = (float) Math.sin(i);
    }
    return Stream.of(
        checkpoint(3, ODD_VALUES, new float[] {1, 2, 3}),
        checkpoint(1, ODD_VALUES, new float[0]),
        checkpoint(2, many, ODD_VALUES),
        checkpoint(2, new float[16], new float[16]));
  }

  static Stream<Checkpoint> smallCheckpoints() {
    return checkpoints().filter(c -> c.state().parameters().remaining() < 100);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void shouldReadWhatItWroteBitForBit(Checkpoint checkpoint) throws IOException {
    var heir = new Inheritance(1, 2);
    var read = read(bytes(checkpoint), heir);

    assertThat(read.position()).isEqualTo(new Position(checkpoint.state().epoch(), 5));
    assertThat(read.underWay()).isEqualTo(checkpoint.underWay());
    assertThat(read.incidents()).isEqualTo(checkpoint.incidents());
    assertThat(bits(heir.state().orElseThrow().floats("lost", 3)))
        .containsExactly(Float.floatToRawIntBits(1), 1, Float.floatToRawIntBits(-0f));
    assertThat(read.identity()).isEqualTo(checkpoint.identity());
    assertThat(read.history()).isEqualTo(checkpoint.history());
    assertThat(read.state().epoch()).isEqualTo(checkpoint.state().epoch());
    assertThat(read.state().iteration()).isEqualTo(checkpoint.state().iteration());
    assertThat(bits(read.state().parameters())).isEqualTo(bits(checkpoint.state().parameters()));
    assertThat(bits(read.state().updaterState()))
        .isEqualTo(bits(checkpoint.state().updaterState()));
    assertThat(bits(read.state().average())).isEqualTo(bits(checkpoint.state().average()));
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void shouldWriteTheSameTwice(Checkpoint checkpoint) throws IOException {
    assertThat(bytes(checkpoint)).isEqualTo(bytes(checkpoint));
  }

  private static int[] bits(FloatBuffer values) {
    var bits = new int[values.remaining()];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values.get(values.position() + i)));
    return bits;
  }

  /** The format as it is drawn, taken apart by hand. */
  @Test
  void shouldHaveTheDocumentedFormat() throws IOException {
    var in = ByteBuffer.wrap(bytes(checkpoint(3, new float[] {1.5f, -2}, new float[] {4})));

    assertThat(new String(take(in, 8), StandardCharsets.US_ASCII)).isEqualTo("MURMCKPT");
    assertThat(in.getInt()).isEqualTo(3);
    var header = new ObjectMapper().readTree(section(in));
    assertThat(header.get("epoch").intValue()).isEqualTo(3);
    assertThat(header.get("step").intValue()).isEqualTo(5);
    assertThat(header.get("worldSize").intValue()).isEqualTo(2);
    assertThat(header.get("iteration").intValue()).isEqualTo(21);
    assertThat(header.get("identity").get("network").textValue()).isEqualTo("ärger");
    assertThat(header.get("history").get(0).get("loss").doubleValue()).isEqualTo(0.1);
    var parameters = ByteBuffer.wrap(section(in)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(parameters.remaining()).isEqualTo(8);
    assertThat(parameters.getFloat()).isEqualTo(1.5f);
    assertThat(parameters.getFloat()).isEqualTo(-2);
    assertThat(ByteBuffer.wrap(section(in)).order(ByteOrder.LITTLE_ENDIAN).getFloat()).isEqualTo(4);
    var average = ByteBuffer.wrap(section(in)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(average.remaining()).isEqualTo(8);
    assertThat(average.getFloat()).isEqualTo(1);
    assertThat(average.getFloat()).isEqualTo(-2);
    for (int rank = 0; rank < 2; rank++) {
      var pair = ByteBuffer.wrap(section(in));
      assertThat(new String(section(pair), StandardCharsets.UTF_8)).isEqualTo("ADDED lost");
      assertThat(ByteBuffer.wrap(section(pair)).order(ByteOrder.LITTLE_ENDIAN).getFloat())
          .isEqualTo(rank);
      assertThat(pair.hasRemaining()).isFalse();
    }
    assertThat(in.hasRemaining()).isFalse();
  }

  private static byte[] section(ByteBuffer in) {
    var length = in.getLong(in.position());
    var crc = new CRC32C();
    crc.update(in.slice(in.position(), Long.BYTES + (int) length));
    var content = take(in.position(in.position() + Long.BYTES), (int) length);
    assertThat(in.getInt()).isEqualTo((int) crc.getValue());
    return content;
  }

  private static byte[] take(ByteBuffer in, int length) {
    var bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  @ParameterizedTest
  @MethodSource("smallCheckpoints")
  void shouldRefuseEverySingleFlippedBit(Checkpoint checkpoint) throws IOException {
    var bytes = bytes(checkpoint);
    for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
      var mask = 1 << bit % Byte.SIZE;
      bytes[bit / Byte.SIZE] ^= (byte) mask;
      assertThat(catchThrowable(() -> read(bytes)))
          .as("bit %d of byte %d", bit % Byte.SIZE, bit / Byte.SIZE)
          .isInstanceOf(IOException.class)
          .hasMessageFindingMatch("damaged|cut short|format version|is not a|impossible length");
      bytes[bit / Byte.SIZE] ^= (byte) mask;
    }
    assertThat(read(bytes)).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("smallCheckpoints")
  void shouldRefuseEveryShorterFile(Checkpoint checkpoint) throws IOException {
    var bytes = bytes(checkpoint);
    for (int length = 0; length < bytes.length; length++) {
      var cut = Arrays.copyOf(bytes, length);
      assertThatIOException()
          .as("%d of %d bytes", length, bytes.length)
          .isThrownBy(() -> read(cut))
          .withMessageContaining(length < 8 ? "is not a Murmuration checkpoint" : "is cut short");
    }
  }

  @Test
  void shouldRefuseWhatGoesOnAfterItsEnd() throws IOException {
    var bytes = bytes(checkpoint(1, ODD_VALUES, ODD_VALUES));

    assertThatIOException()
        .isThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length + 1)))
        .withMessage("goes on after its end");
  }

  @Test
  void shouldSayWhatIsWrong() throws IOException {
    var version = bytes(checkpoint(1, ODD_VALUES, ODD_VALUES));
    version[11] = 1;
    assertThatIOException()
        .isThrownBy(() -> read(version))
        .withMessage("has format version 1, this program reads 3");

    var damaged = bytes(checkpoint(1, ODD_VALUES, new float[0]));
    // 12 bytes around each section; after the parameters come three of values, and two ranks.
    damaged[damaged.length - 2 * (12 + ranks().of(0).length) - 2 * 12 - 8 - 12 - 8] ^= 1;
    assertThatIOException()
        .isThrownBy(() -> read(damaged))
        .withMessage("has a damaged section 'parameters': its checksum differs");
    assertThatIOException()
        .isThrownBy(() -> read("something else".getBytes(StandardCharsets.UTF_8)))
        .withMessage("is not a Murmuration checkpoint");
  }
}
