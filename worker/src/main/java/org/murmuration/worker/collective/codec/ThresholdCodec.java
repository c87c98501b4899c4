package org.murmuration.worker.collective.codec;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends only values whose magnitude reaches a threshold tau, and of these only index and sign: each
 * counts as +tau or -tau (Strom 2015, "Scalable distributed DNN training using commodity GPU cloud
 * computing"). The rest stays in the residual until it reaches tau.
 *
 * <pre>
 *  0       4         8
 *  +-------+---------+----------------------------------------------+
 *  |  tau  | entries | per entry: unsigned LEB128 of gap &lt;&lt; 1 | sign |
 *  +-------+---------+----------------------------------------------+
 * </pre>
 *
 * tau is fp32 and entries an int32, both little-endian. The gap is the index less the previous
 * entry's, and index + 1 for the first entry, so it is at least 1; sign 1 stands for -tau.
 *
 * <p>The first tau is taken from the first values that aren't all zero; from then on {@link #adapt}
 * moves it. Nothing is random: the same inputs give the same messages. The share is one of the
 * values that aren't 0, since values that stay 0 (a unit that never fires) can't be sent however
 * small tau becomes.
 *
 * <p>When vector + residual is NaN or infinite anywhere in the range, the message is a NaN for tau
 * and no entries: decoding makes every value NaN, so that whoever looks for non-finite values finds
 * them on every rank.
 *
 * <p>An instance serves one thread.
 */
public final class ThresholdCodec {
  private static final int INFINITY_BITS = 0x7f80_0000;

  private final double targetShare;
  private final float[] values = new float[Staging.BLOCK];
  private final float[] sums = new float[Staging.BLOCK];
  private final int[] bits = new int[Staging.BLOCK];

  /** 0 until it is chosen. */
  private float threshold;

  private long sent;
  private long sendable;

  /**
   * @param targetShare share of values to send, above 0 and at most 0.5
   * @throws IllegalArgumentException if the share is outside this range
   */
  public ThresholdCodec(double targetShare) {
    if (!(targetShare > 0 && targetShare <= 0.5)) {
      throw new IllegalArgumentException(
          "the share of values to send must be above 0 and at most 0.5, was %s"
              .formatted(targetShare));
    }
    this.targetShare = targetShare;
  }

  /**
   * Bytes that a message about so many values can need: when all are sent, each takes one byte.
   *
   * @throws IllegalArgumentException if {@code count} is negative or no buffer is so long
   */
  public static int maxEncodedLength(int count) {
    if (count < 0 || count > Integer.MAX_VALUE - ThresholdMessage.HEADER_LENGTH) {
      throw new IllegalArgumentException(
          "a message is about 0 to %d values, was asked for %d"
              .formatted(Integer.MAX_VALUE - ThresholdMessage.HEADER_LENGTH, count));
    }
    // An entry of k bytes stands for a gap of 2^(7(k-1)-1) values or more, which is at least k.
    return ThresholdMessage.HEADER_LENGTH + count;
  }

  /**
   * Writes a message about {@code vector + residual} in {@code [first..first+count)}. The residual
   * becomes v + e in fp32, less what was sent; where the message is NaN it becomes 0 in all of the
   * range. The vector is left as it is. Bytes of {@code out} behind the message may be overwritten,
   * up to {@link #maxEncodedLength}.
   *
   * @return length of the message in bytes
   * @throws IndexOutOfBoundsException if a range lies outside its buffer, or {@code out} has no
   *     room for {@link #maxEncodedLength}; nothing has been written then
   */
  public int encode(
      UnsafeBuffer vector,
      UnsafeBuffer residual,
      int first,
      int count,
      MutableDirectBuffer out,
      int offset) {
    Staging.checkVector("vector", vector, first, count);
    Staging.checkVector("residual", residual, first, count);
    Staging.checkWire(out, offset, maxEncodedLength(count));
    if (threshold == 0) {
      threshold = StartThreshold.of(vector, residual, first, count, targetShare);
    }
    var writer = new ThresholdMessage.Writer(out, offset);
    var nonZero = 0;
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      var index = (first + done) * Float.BYTES;
      loadSums(vector, residual, index, size);
      nonZero += countNonZero(bits, size);
      if (!sendBlock(writer, done, size)) {
        residual.setMemory(first * Float.BYTES, count * Float.BYTES, (byte) 0);
        return writer.finishAsNotFinite();
      }
      Staging.store(sums, residual, index, size * Float.BYTES);
    }
    sent += writer.entries();
    sendable += nonZero;
    return writer.finish(threshold);
  }

  /**
   * Adds what a message says to {@code vector[first..first+count)}. The message is read to its end
   * before anything is written.
   *
   * @throws IllegalArgumentException if the message is damaged, or is about more values; the vector
   *     is as it was then
   * @throws IndexOutOfBoundsException if a range lies outside its buffer
   */
  public static void decodeAdding(
      DirectBuffer in, int offset, int length, UnsafeBuffer vector, int first, int count) {
    Staging.checkVector("vector", vector, first, count);
    Staging.checkWire(in, offset, length);
    new ThresholdMessage(in, offset, length, count).addTo(vector, first);
  }

  /** The current tau, all that a checkpoint needs after {@link #adapt}; 0 before it is chosen. */
  public float threshold() {
    return threshold;
  }

  /**
   * Goes on with the tau of a checkpoint; counts start anew.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public void restore(float threshold) {
    if (!(threshold >= 0 && threshold <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "a threshold must be finite and not negative, was %s; is the checkpoint damaged?"
              .formatted(threshold));
    }
    this.threshold = threshold;
    sent = 0;
    sendable = 0;
  }

  /**
   * Moves tau towards the target share p, from what {@link #encode} sent since the last call. With
   * L the logarithm of actual share / p, ln(tau) grows by sqrt(p) L (1 + L) / 2 or shrinks by
   * min(2p, sqrt(p) / 4) |L|.
   *
   * <p>Why so: residuals spread out until about 1/p steps have passed, as a random walk where
   * gradients are noise, and tau has to grow with them, by a lot in the first steps. A lower tau
   * lets go at once of what has gathered below it: the square of the change as a share of all
   * values where gradients are noise, the change itself where they keep their direction. Steps
   * downwards that release much more than p would make tau oscillate.
   *
   * <p>Without values since the last call, or before tau is chosen, nothing changes.
   */
  public void adapt() {
    if (threshold > 0 && sendable > 0) {
      // One more on both sides: with a target below one value a step, none sent says little.
      var offTarget = StrictMath.log((sent + 1) / (targetShare * sendable + 1));
      var scale = Math.sqrt(targetShare);
      var change =
          offTarget > 0
              ? scale * offTarget * (1 + offTarget) / 2
              : Math.min(2 * targetShare, scale / 4) * offTarget;
      var moved = (float) (threshold * StrictMath.exp(change));
      threshold = Math.max(Float.MIN_NORMAL, Math.min(Float.MAX_VALUE, moved));
    }
    sent = 0;
    sendable = 0;
  }

  private void loadSums(UnsafeBuffer vector, UnsafeBuffer residual, int index, int size) {
    Staging.load(vector, index, values, size * Float.BYTES);
    Staging.load(residual, index, sums, size * Float.BYTES);
    Staging.add(values, sums, size);
    Staging.bits(sums, bits, size);
  }

  /** False if a sum isn't finite. Magnitudes compare as their bits do. */
  private boolean sendBlock(ThresholdMessage.Writer writer, int blockStart, int size) {
    var reach = threshold > 0 ? Float.floatToRawIntBits(threshold) : INFINITY_BITS;
    for (int i = next(bits, 0, size, reach); i < size; i = next(bits, i + 1, size, reach)) {
      if ((bits[i] & 0x7fff_ffff) >= INFINITY_BITS) {
        return false;
      }
      var negative = bits[i] < 0;
      sums[i] -= negative ? -threshold : threshold;
      writer.add(blockStart + i, negative);
    }
    return true;
  }

  private static int next(int[] bits, int from, int size, int reach) {
    var i = from;
    while (i < size && (bits[i] & 0x7fff_ffff) < reach) {
      i++;
    }
    return i;
  }

  private static int countNonZero(int[] bits, int size) {
    var nonZero = 0;
    for (int i = 0; i < size; i++) {
      nonZero += -(bits[i] & 0x7fff_ffff) >>> 31;
    }
    return nonZero;
  }
}
