package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
  private static final int PAYLOAD = 100;
  private static final int LENGTH = FrameCodec.HEADER_LENGTH + PAYLOAD;

  private final JobIdentity job = JobIdentity.create(5, 1);
  private final UnsafeBuffer frame = frameOf(job);

  private static UnsafeBuffer frameOf(JobIdentity job) {
    var frame = new UnsafeBuffer(new byte[LENGTH]);
    frame.setMemory(FrameCodec.HEADER_LENGTH, PAYLOAD, (byte) 9);
    new FrameCodec(job).writeHeader(frame, 0, PAYLOAD, 3, 40, 7);
    return frame;
  }

  private boolean accepted(JobIdentity receiver, int sender, long operation, long sequence) {
    return new FrameCodec(receiver).accepts(frame, 0, LENGTH, sender, operation, sequence);
  }

  @Test
  void shouldAcceptTheFrameThatIsDue() {
    assertThat(accepted(job, 3, 40, 7)).isTrue();
  }

  @Test
  void shouldRefuseFrameOfAnotherJob() {
    assertThat(accepted(new JobIdentity(6, 1, job.secret()), 3, 40, 7)).isFalse();
  }

  @Test
  void shouldRefuseFrameOfAnotherAttempt() {
    assertThat(accepted(new JobIdentity(5, 2, job.secret()), 3, 40, 7)).isFalse();
  }

  @Test
  void shouldRefuseFrameMadeWithAnotherSecret() {
    assertThat(accepted(JobIdentity.create(5, 1), 3, 40, 7)).isFalse();
  }

  @Test
  void shouldRefuseAnotherSenderAnotherOperationAndAReplay() {
    assertThat(accepted(job, 2, 40, 7)).isFalse();
    assertThat(accepted(job, 3, 41, 7)).isFalse();
    assertThat(accepted(job, 3, 40, 8)).isFalse();
  }

  @Test
  void shouldNotPrintTheSecret() {
    assertThat(job.toString()).doesNotContain(job.secret());
  }

  @Property
  void shouldRefuseAFrameWithAnyBitFlipped(@ForAll @IntRange(max = LENGTH * 8 - 1) int bit) {
    frame.putByte(bit / 8, (byte) (frame.getByte(bit / 8) ^ (1 << bit % 8)));
    assertThat(accepted(job, 3, 40, 7)).isFalse();
  }

  @Property
  void shouldRefuseRandomBytesOfAnyLength(
      @ForAll long seed, @ForAll @IntRange(max = LENGTH) int length) {
    var bytes = new byte[LENGTH];
    new Random(seed).nextBytes(bytes);
    assertThat(new FrameCodec(job).accepts(new UnsafeBuffer(bytes), 0, length, 3, 40, 7)).isFalse();
  }
}
