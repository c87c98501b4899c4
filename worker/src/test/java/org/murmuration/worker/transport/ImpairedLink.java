package org.murmuration.worker.transport;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One direction of a spoiled link, shared by all senders: it says when a datagram leaves, and moves
 * nothing itself. Times are nanoseconds since any fixed instant.
 */
final class ImpairedLink {
  private static final double BITS_PER_BYTE = 8;
  private static final double NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long[] LOST = {};

  private double freeAtNs = Double.NEGATIVE_INFINITY;

  /**
   * When the copies of a datagram leave: none when it is lost, two when it is duplicated. The
   * numbers drawn are as many for every datagram and every impairment, so what happens to the n-th
   * datagram of a flow depends on the flow's generator and on n only, save for the queue.
   *
   * @param size the datagram's length in bytes
   * @param nowNs when it came
   * @param random the generator of the flow that the datagram belongs to
   */
  long[] departures(Impairment impairment, int size, long nowNs, SplittableRandom random) {
    var lost = random.nextDouble() < impairment.loss();
    var twice = random.nextDouble() < impairment.duplicate();
    var times = new long[2];
    var count = 0;
    for (var copy = 0; copy < 2; copy++) {
      var overtakes = random.nextDouble() < impairment.reorder();
      var offset = 2 * random.nextDouble() - 1;
      if (!lost && (copy == 0 || twice) && hasRoom(impairment, size, nowNs)) {
        var serialisedNs = serialise(impairment, size, nowNs);
        times[count++] =
            overtakes ? nowNs : serialisedNs + Math.round(travelNs(impairment, offset));
      }
    }
    return count == 0 ? LOST : Arrays.copyOf(times, count);
  }

  private static double travelNs(Impairment impairment, double offset) {
    return impairment.delay().toNanos() + offset * impairment.jitter().toNanos();
  }

  private boolean hasRoom(Impairment impairment, int size, long nowNs) {
    if (impairment.bitsPerSecond() == 0 || freeAtNs <= nowNs) {
      return true;
    }
    var waiting = (freeAtNs - nowNs) / nsPerByte(impairment);
    return waiting + size <= impairment.queueBytes();
  }

  /** When the link has taken the whole datagram. */
  private long serialise(Impairment impairment, int size, long nowNs) {
    if (impairment.bitsPerSecond() == 0) {
      freeAtNs = Double.NEGATIVE_INFINITY;
      return nowNs;
    }
    freeAtNs = Math.max(freeAtNs, (double) nowNs) + size * nsPerByte(impairment);
    return (long) Math.ceil(freeAtNs);
  }

  private static double nsPerByte(Impairment impairment) {
    return BITS_PER_BYTE * NS_PER_SECOND / impairment.bitsPerSecond();
  }
}
