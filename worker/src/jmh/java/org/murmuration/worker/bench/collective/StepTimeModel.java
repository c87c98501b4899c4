package org.murmuration.worker.bench.collective;

import java.util.List;
import java.util.Locale;

/**
 * How long a step takes by the number of ranks, each on a host of its own, from what a link does
 * and what a rank computes.
 *
 * <p>An all-reduce of S bytes over P ranks takes 2(P-1) steps of a latency and S/P bytes around a
 * ring, or log2(P) steps of a latency and S bytes by recursive doubling; the faster one counts (the
 * alpha-beta model: Hockney 1994; Thakur et al. 2005). What fits behind the part of the backward
 * pass that comes after the first gradients is hidden.
 *
 * @param computeSeconds forward, backward and update of one rank
 * @param vectorBytes of the gradient
 * @param latencySeconds from one rank to another, alpha
 * @param bytesPerSecond of a link in one direction, beta
 * @param hideable the share of the computing behind which averaging can hide
 */
record StepTimeModel(
    double computeSeconds,
    double vectorBytes,
    double latencySeconds,
    double bytesPerSecond,
    double hideable) {
  private static final List<Integer> WORLDS = List.of(2, 4, 8, 16, 64, 256, 1024);
  private static final double MS_PER_SECOND = 1e3;

  double ringSeconds(int ranks) {
    return 2 * (ranks - 1) * (latencySeconds + vectorBytes / ranks / bytesPerSecond);
  }

  double doublingSeconds(int ranks) {
    var exchanges = Math.ceil(Math.log(ranks) / Math.log(2));
    return exchanges * (latencySeconds + vectorBytes / bytesPerSecond);
  }

  double averagingSeconds(int ranks) {
    return Math.min(ringSeconds(ranks), doublingSeconds(ranks));
  }

  double stepSeconds(int ranks) {
    return computeSeconds + Math.max(0, averagingSeconds(ranks) - hideable * computeSeconds);
  }

  /**
   * Prints a table.
   *
   * @param arguments milliseconds of computing, bytes of the gradient, microseconds of latency,
   *     gigabytes per second of the link, the share of the computing that can hide averaging
   */
  public static void main(String[] arguments) {
    if (arguments.length != 5) {
      System.err.println(
          "usage: COMPUTE_MS GRADIENT_BYTES LATENCY_US GIGABYTES_PER_SECOND HIDEABLE_SHARE");
      return;
    }
    var model =
        new StepTimeModel(
            Double.parseDouble(arguments[0]) / 1e3,
            Double.parseDouble(arguments[1]),
            Double.parseDouble(arguments[2]) / 1e6,
            Double.parseDouble(arguments[3]) * 1e9,
            Double.parseDouble(arguments[4]));
    System.out.println("| ranks | averaging, ms | step, ms | times one rank |");
    System.out.println("|---|---|---|---|");
    for (int ranks : WORLDS) {
      System.out.printf(
          Locale.ROOT,
          "| %d | %.2f | %.2f | %.1f |%n",
          ranks,
          model.averagingSeconds(ranks) * MS_PER_SECOND,
          model.stepSeconds(ranks) * MS_PER_SECOND,
          ranks * model.computeSeconds / model.stepSeconds(ranks));
    }
  }
}
