package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** One rank's sums over an epoch. */
record EpochTotals(
    double lossSum,
    long samples,
    long wallNs,
    long computeNs,
    long exposedNs,
    long hiddenNs,
    long inputNs) {
  private static final double NS_PER_SECOND = 1e9;
  private static final int FIELDS = 7;

  /**
   * The sums of an epoch.
   *
   * @param averagingNs time in averaging, hidden behind computing or not
   */
  EpochTotals(double lossSum, long samples, long wallNs, Phases phases, long averagingNs) {
    this(
        lossSum,
        samples,
        wallNs,
        phases.compute(),
        phases.exposed(),
        Math.max(0, averagingNs - phases.exposed()),
        phases.input());
  }

  byte[] encode() {
    return ByteBuffer.allocate(FIELDS * Long.BYTES)
        .putDouble(lossSum)
        .putLong(samples)
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
        in.getLong(),
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
      double testLoss,
      double testAccuracy,
      String checksum) {
    var samples = ranks.stream().mapToLong(EpochTotals::samples).sum();
    var wall = ranks.stream().mapToLong(EpochTotals::wallNs).max().orElse(0) / NS_PER_SECOND;
    var times = IntStream.range(0, ranks.size()).mapToObj(r -> ranks.get(r).times(r)).toList();
    return new EpochReport(
        epoch + 1,
        steps,
        samples,
        ranks.stream().mapToDouble(EpochTotals::lossSum).sum() / samples,
        wall,
        samples / wall,
        times.stream().mapToDouble(RankTimes::computeSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::exposedCommunicationSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::hiddenCommunicationSeconds).average().orElse(0),
        times.stream().mapToDouble(RankTimes::inputSeconds).average().orElse(0),
        times.stream().max(Comparator.comparingDouble(RankTimes::ownSeconds)).orElseThrow(),
        testLoss,
        testAccuracy,
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
