package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.transport.Rejections.Reason;

class FrameCodecTest {
  private static final int PAYLOAD = 100;
  private static final int LENGTH = FrameCodec.HEADER_LENGTH + PAYLOAD;
  private static final int SENDER = 3;

  private final JobIdentity job = JobIdentity.create(5, 1);

  private static FrameCodec codec(JobIdentity job, int sender, Security security) {
    var seal =
        security == Security.NONE
            ? Optional.<FrameSeal>empty()
            : Optional.of(new FrameSeal(job.key("data", sender, 0), security == Security.ENCRYPT));
    return new FrameCodec(job, sender, seal);
  }

  private UnsafeBuffer frame(Security security) {
    var frame = new UnsafeBuffer(new byte[LENGTH]);
    codec(job, SENDER, security)
        .write(
            frame,
            0,
            PAYLOAD,
            (buffer, offset) -> {
              for (int i = 0; i < PAYLOAD; i++) {
                buffer.putByte(offset + i, (byte) (i * 7));
              }
            },
            40,
            7);
    return frame;
  }

  private Optional<Reason> refusal(
      JobIdentity receiver, int sender, long operation, long sequence) {
    return codec(receiver, sender, Security.AUTHENTICATE)
        .refusal(frame(Security.AUTHENTICATE), 0, LENGTH, operation, sequence);
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void shouldGiveBackWhatWasWritten(Security security) {
    var receiver = codec(job, SENDER, security);
    var frame = frame(security);

    assertThat(receiver.refusal(frame, 0, LENGTH, 40, 7)).isEmpty();

    var inFrame = receiver.payload().isEmpty();
    assertThat(inFrame).isEqualTo(security == Security.NONE);
    for (int i = 0; i < PAYLOAD; i++) {
      var value =
          inFrame
              ? frame.getByte(FrameCodec.HEADER_LENGTH + i)
              : receiver.payload().orElseThrow().getByte(i);
      assertThat(value).isEqualTo((byte) (i * 7));
    }
  }

  @Test
  void shouldHideThePayloadOnlyWhenItEncrypts() {
    assertThat(readable(frame(Security.NONE))).isTrue();
    assertThat(readable(frame(Security.AUTHENTICATE))).isTrue();
    assertThat(readable(frame(Security.ENCRYPT))).isFalse();
  }

  private static boolean readable(UnsafeBuffer frame) {
    for (int i = 0; i < PAYLOAD; i++) {
      if (frame.getByte(FrameCodec.HEADER_LENGTH + i) != (byte) (i * 7)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void shouldSayWhatIsWrongWithAFrame() {
    assertThat(refusal(job, SENDER, 40, 7)).isEmpty();
    assertThat(refusal(new JobIdentity(6, 1, job.secret()), SENDER, 40, 7))
        .contains(Reason.OTHER_JOB);
    assertThat(refusal(new JobIdentity(5, 0, job.secret()), SENDER, 40, 7))
        .contains(Reason.OTHER_ATTEMPT);
    assertThat(refusal(job, 2, 40, 7)).contains(Reason.OTHER_SENDER);
    assertThat(refusal(job, SENDER, 41, 7)).contains(Reason.OTHER_OPERATION);
    assertThat(refusal(job, SENDER, 40, 8)).contains(Reason.OTHER_SEQUENCE);
    assertThat(refusal(JobIdentity.create(5, 1), SENDER, 40, 7)).contains(Reason.FORGED);
  }

  @Test
  void shouldUseAnotherKeyForEveryDirectionPurposeAndAttempt() {
    Set<String> keys = new HashSet<>();
    var nextAttempt = new JobIdentity(5, 2, job.secret());
    for (var identity : new JobIdentity[] {job, nextAttempt}) {
      for (var purpose : new String[] {"seal data", "seal control", "session data"}) {
        for (int from = 0; from < 3; from++) {
          for (int to = 0; to < 3; to++) {
            keys.add(java.util.HexFormat.of().formatHex(identity.key(purpose, from, to)));
          }
        }
      }
    }
    assertThat(keys).hasSize(2 * 3 * 9).allMatch(key -> key.length() == 64);
  }

  @Test
  void shouldNotPrintTheSecret() {
    assertThat(job.toString()).doesNotContain(job.secret());
  }

  @Property
  void shouldRefuseAFrameWithAnyBitFlipped(
      @ForAll @IntRange(max = LENGTH * 8 - 1) int bit, @ForAll boolean encrypted) {
    var security = encrypted ? Security.ENCRYPT : Security.AUTHENTICATE;
    var frame = frame(security);
    frame.putByte(bit / 8, (byte) (frame.getByte(bit / 8) ^ (1 << bit % 8)));

    assertThat(codec(job, SENDER, security).refusal(frame, 0, LENGTH, 40, 7)).isPresent();
  }

  @Property
  void shouldRefuseAFrameCutShort(@ForAll @IntRange(max = LENGTH - 1) int length) {
    assertThat(
            codec(job, SENDER, Security.AUTHENTICATE)
                .refusal(frame(Security.AUTHENTICATE), 0, length, 40, 7))
        .isPresent();
  }

  @Property
  void shouldRefuseRandomBytesOfAnyLength(
      @ForAll long seed, @ForAll @IntRange(max = LENGTH) int length, @ForAll Security security) {
    var bytes = new byte[LENGTH];
    new Random(seed).nextBytes(bytes);

    assertThat(codec(job, SENDER, security).refusal(new UnsafeBuffer(bytes), 0, length, 40, 7))
        .contains(Reason.FOREIGN);
  }
}
