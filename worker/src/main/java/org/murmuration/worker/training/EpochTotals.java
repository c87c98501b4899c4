package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.worker.data.SampleTally;

/**
 * One rank's sums over an epoch, or over what is done of it.
 *
 * @param lossSum of the losses of its samples
 * @param seen the samples
 * @param wallNs time in steps
 * @param computeNs of that in forward, backward and update
 * @param exposedNs of that in nothing but averaging
 * @param hiddenNs time in averaging while it also computed
 * @param inputNs time in waiting for batches
 */
public record EpochTotals(
    double lossSum,
    SampleTally seen,
    long wallNs,
    long computeNs,
    long exposedNs,
    long hiddenNs,
    long inputNs) {
  static final EpochTotals NONE = new EpochTotals(0, SampleTally.NONE, 0, 0, 0, 0, 0);

  private static final double NS_PER_SECOND = 1e9;
  private static final int FIELDS = 8;

  /**
   * The same and what came after.
   *
   * @param lossSum of all so far: added in another order it would be rounded in another way
   * @param more samples that came after
   * @param averagingNs time in averaging, hidden behind computing or not
   */
  EpochTotals and(double lossSum, SampleTally more, long wallNs, Phases phases, long averagingNs) {
    return new EpochTotals(
        lossSum,
        seen.plus(more),
        this.wallNs + wallNs,
        computeNs + phases.compute(),
        exposedNs + phases.exposed(),
        hiddenNs + Math.max(0, averagingNs - phases.exposed()),
        inputNs + phases.input());
  }

  /** The sums of two ranks that go on as one. */
  EpochTotals plus(EpochTotals other) {
    return new EpochTotals(
        lossSum + other.lossSum,
        seen.plus(other.seen),
        Math.max(wallNs, other.wallNs),
        computeNs + other.computeNs,
        exposedNs + other.exposedNs,
        hiddenNs + other.hiddenNs,
        inputNs + other.inputNs);
  }

  /**
   * What a rank goes on with that was done by ranks of perhaps another number.
   *
   * @param done of the ranks that were; none when nothing was done
   */
  static EpochTotals inherited(List<EpochTotals> done, int rank, int worldSize) {
    return IntStream.range(0, done.size())
        .filter(before -> before % worldSize == rank)
        .mapToObj(done::get)
        .reduce(EpochTotals::plus)
        .orElse(NONE);
  }

  byte[] encode() {
    return ByteBuffer.allocate(FIELDS * Long.BYTES)
        .putDouble(lossSum)
        .putLong(seen.samples())
        .putLong(seen.hash())
        .putLong(wallNs)
        .putLong(computeNs)
        .putLong(exposedNs)
        .putLong(hiddenNs)
        .putLong(inputNs)
        .array();
  }

  static EpochTotals decode(byte[] bytes) {
    var in = ByteBuffer.wrap(bytes);
    return new EpochTotals(
        in.getDouble(),
        new SampleTally(in.getLong(), in.getLong()),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong());
  }

  static EpochReport report(
      int epoch,
      int steps,
      List<EpochTotals> ranks,
      SampleTally expected,
      double testLoss,
      double testAccuracy,
      String checksum) {
    var seen = ranks.stream().map(EpochTotals::seen).reduce(SampleTally.NONE, SampleTally::plus);
    var wall = ranks.stream().mapToLong(EpochTotals::wallNs).max().orElse(0) / NS_PER_SECOND;
    var times = IntStream.range(0, ranks.size()).mapToObj(r -> ranks.get(r).times(r)).toList();
    return new EpochReport(
        epoch + 1,
        steps,
        seen.samples(),
        ranks.stream().mapToDouble(EpochTotals::lossSum).sum() / seen.samples(),
        wall,
        seen.samples() / wall,
        times.stream().mapToDouble(RankTimes::computeSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::exposedCommunicationSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::hiddenCommunicationSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::inputSeconds).average().orElse(0),
        times.stream().max(Comparator.comparingDouble(RankTimes::ownSeconds)).orElseThrow(),
        testLoss,
        testAccuracy,
        Coverage.of(seen, expected),
        checksum);
  }

  private RankTimes times(int rank) {
    return new RankTimes(
        rank,
        computeNs / NS_PER_SECOND,
        exposedNs / NS_PER_SECOND,
        hiddenNs / NS_PER_SECOND,
        inputNs / NS_PER_SECOND);
  }
}
