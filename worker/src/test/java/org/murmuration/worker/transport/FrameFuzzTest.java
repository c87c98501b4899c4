package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames that somebody has spoiled or made up: refused, and never an exception. */
class FrameFuzzTest {
  private static final int SENDER = 3;
  private static final long OPERATION = 40;
  private static final int MAX_PAYLOAD = 300;

  /** Aeron hands out frames at any place of a buffer. */
  private static final int OFFSET = 32;

  private final JobIdentity job = JobIdentity.create(5, 1);

  /** What is done to a frame's bytes. */
  private enum Change {
    FLIP {
      @Override
      byte[] apply(byte[] frame, int at, int value) {
        frame[at] ^= (byte) (1 << value % Byte.SIZE);
        return frame;
      }
    },
    OVERWRITE {
      @Override
      byte[] apply(byte[] frame, int at, int value) {
        frame[at] = (byte) value;
        return frame;
      }
    },
    CUT {
      @Override
      byte[] apply(byte[] frame, int at, int value) {
        return Arrays.copyOf(frame, at);
      }
    },
    LENGTHEN {
      @Override
      byte[] apply(byte[] frame, int at, int value) {
        return Arrays.copyOf(frame, frame.length + 1 + value);
      }
    },
    SWAP {
      @Override
      byte[] apply(byte[] frame, int at, int value) {
        var other = value % frame.length;
        var kept = frame[at];
        frame[at] = frame[other];
        frame[other] = kept;
        return frame;
      }
    };

    abstract byte[] apply(byte[] frame, int at, int value);
  }

  /**
   * One change.
   *
   * @param at where, of all frames' lengths
   * @param value in [0, 255]
   */
  record Mutation(Change change, int at, int value) {
    byte[] apply(byte[] frame) {
      return frame.length == 0 ? frame : change.apply(frame, at % frame.length, value);
    }
  }

  @Provide
  Arbitrary<List<Mutation>> mutations() {
    return Combinators.combine(
            Arbitraries.of(Change.class),
            Arbitraries.integers().between(0, FrameCodec.HEADER_LENGTH + MAX_PAYLOAD),
            Arbitraries.integers().between(0, 255))
        .as(Mutation::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  private FrameCodec codec(Security security) {
    var seal =
        security == Security.NONE
            ? Optional.<FrameSeal>empty()
            : Optional.of(new FrameSeal(job.key("data", SENDER, 0), security == Security.ENCRYPT));
    return new FrameCodec(job, SENDER, seal);
  }

  private byte[] frame(Security security, int length, long sequence) {
    var frame = new UnsafeBuffer(new byte[FrameCodec.HEADER_LENGTH + length]);
    codec(security)
        .write(
            frame,
            0,
            length,
            (buffer, offset) -> buffer.setMemory(offset, length, (byte) sequence),
            OPERATION,
            sequence);
    return frame.byteArray();
  }

  private static boolean isRefused(FrameCodec receiver, byte[] frame, long sequence) {
    var buffer = new UnsafeBuffer(new byte[OFFSET + frame.length]);
    buffer.putBytes(OFFSET, frame);
    return receiver.refusal(buffer, OFFSET, frame.length, OPERATION, sequence).isPresent();
  }

  @Property
  void shouldRefuseEveryMutationOfASealedFrame(
      @ForAll("mutations") List<Mutation> mutations,
      @ForAll @IntRange(max = MAX_PAYLOAD) int length,
      @ForAll boolean encrypted) {
    var security = encrypted ? Security.ENCRYPT : Security.AUTHENTICATE;
    var valid = frame(security, length, 7);
    var spoiled = valid.clone();
    for (var mutation : mutations) {
      spoiled = mutation.apply(spoiled);
    }

    // Some mutations undo each other.
    assertThat(isRefused(codec(security), spoiled, 7)).isEqualTo(!Arrays.equals(spoiled, valid));
  }

  /** Without a seal a changed payload can't be told from a true one, but a header can. */
  @Property
  void shouldNeverFailOnAMutationOfAFrameWithoutASeal(
      @ForAll("mutations") List<Mutation> mutations,
      @ForAll @IntRange(max = MAX_PAYLOAD) int length) {
    var valid = frame(Security.NONE, length, 7);
    var spoiled = valid.clone();
    for (var mutation : mutations) {
      spoiled = mutation.apply(spoiled);
    }

    var checked = 40;
    var sameHeader =
        spoiled.length >= FrameCodec.HEADER_LENGTH
            && Arrays.equals(spoiled, 0, checked, valid, 0, checked);
    assertThat(isRefused(codec(Security.NONE), spoiled, 7)).isEqualTo(!sameHeader);
  }

  @Property
  void shouldRefuseRandomBytesAfterAGenuineStart(
      @ForAll long seed,
      @ForAll @IntRange(max = FrameCodec.HEADER_LENGTH) int genuine,
      @ForAll @IntRange(max = MAX_PAYLOAD) int length,
      @ForAll boolean encrypted) {
    var security = encrypted ? Security.ENCRYPT : Security.AUTHENTICATE;
    var bytes = new byte[FrameCodec.HEADER_LENGTH + length];
    new Random(seed).nextBytes(bytes);
    System.arraycopy(frame(security, length, 7), 0, bytes, 0, genuine);

    // All of a frame without a payload is its header.
    var whole = length == 0 && genuine == FrameCodec.HEADER_LENGTH;
    assertThat(isRefused(codec(security), bytes, 7)).isEqualTo(!whole);
  }

  /** A receiver's memory of what it refused must not spoil what comes next. */
  @Property
  void shouldOpenGenuineFramesBetweenSpoiledOnes(
      @ForAll("mutations") List<Mutation> mutations,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = MAX_PAYLOAD) Integer> lengths,
      @ForAll Security security) {
    var receiver = codec(security);
    for (int sequence = 0; sequence < lengths.size(); sequence++) {
      var length = lengths.get(sequence);
      var spoiled = frame(security, length, sequence);
      for (var mutation : mutations) {
        spoiled = mutation.apply(spoiled);
      }
      isRefused(receiver, spoiled, sequence);

      assertThat(isRefused(receiver, frame(security, length, sequence), sequence)).isFalse();
      var filled = (byte) sequence;
      receiver
          .payload()
          .ifPresent(
              payload ->
                  assertThat(IntStream.range(0, length).map(payload::getByte))
                      .allMatch(value -> value == filled));
    }
  }
}
