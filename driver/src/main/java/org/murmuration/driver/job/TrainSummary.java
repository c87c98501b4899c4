package org.murmuration.driver.job;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.murmuration.driver.conf.TrainConf;
import org.murmuration.worker.accel.ComputationInfo;
import org.murmuration.worker.training.EpochReport;

/**
 * What a person reads at the end of {@code train}.
 *
 * @param train how long it was to be
 * @param results of the ranks, in their order
 * @param restarts of the ranks
 * @param folder that holds what there is to look at
 * @param out the terminal
 */
record TrainSummary(
    TrainConf train,
    List<RankResult> results,
    List<Recovery.Restart> restarts,
    RunFolder folder,
    PrintStream out) {

  /** Who keeps the others waiting, and with what. */
  private void slowest(List<EpochReport> epochs) {
    if (results.size() == 1) {
      return;
    }
    var last = epochs.get(epochs.size() - 1);
    var slowest = last.slowest();
    out.printf(
        "slowest     rank %d on %s: %.1f s compute, %.1f s averaging and waiting, %.1f s input, of %.1f s in the last epoch%n",
        slowest.rank(),
        results.get(slowest.rank()).host(),
        slowest.computeSeconds(),
        slowest.exposedCommunicationSeconds(),
        slowest.inputSeconds(),
        last.wallSeconds());
  }

  void print(Duration wall) {
    var training = results.get(0).training();
    training
        .lastTest()
        .ifPresent(
            test ->
                out.printf(
                    "test accuracy %.2f %% on %,d images%n",
                    100 * test.accuracy(), test.samples()));
    best(training.epochs());
    computation(training.computation());
    bad();
    suspects();
    slowest(training.epochs());
    coverage(training.epochs());
    incidents();
    restarted();
    out.printf("model       %s%n", folder.model());
    out.printf("report      %s%n", folder.report());
    out.printf(
        "parameters  %s, the same on all %d ranks; %d s in all%n",
        training.parameterChecksum(), results.size(), wall.toSeconds());
  }

  private void best(List<EpochReport> epochs) {
    var best = train.best().best(epochs);
    if (best.isEmpty()) {
      return;
    }
    if (train.best().isOver(epochs)) {
      out.printf(
          "stopped     after epoch %d of %d: %d evaluations brought nothing better than epoch %d%n",
          epochs.size(), train.epochs(), train.best().patience(), best.get().epoch());
    }
    if (train.best().keep()) {
      out.printf(
          "best        epoch %d with %.2f %% and a loss of %.4f, %s%n",
          best.get().epoch(),
          100 * best.get().testAccuracy(),
          best.get().testLoss(),
          folder.bestModel());
    }
  }

  /** Only what is not as it should be. */
  private void coverage(List<EpochReport> epochs) {
    epochs.stream()
        .filter(epoch -> !epoch.coverage().everySampleOnce())
        .findFirst()
        .ifPresent(
            epoch ->
                out.printf(
                    "samples     not each one once: epoch %d had %,d of %,d%n",
                    epoch.epoch(), epoch.coverage().samples(), epoch.coverage().expectedSamples()));
  }

  private void incidents() {
    var incidents = results.get(0).training().incidents().size();
    if (incidents > 0) {
      out.printf("incidents   %d, told in the report%n", incidents);
    }
  }

  private void restarted() {
    if (!restarts.isEmpty()) {
      var times =
          restarts.stream()
              .map(restart -> restart.seconds().map("%.1f s"::formatted).orElse("no step done"))
              .collect(Collectors.joining(", "));
      out.printf("restarts    %d; until the next step was done: %s%n", restarts.size(), times);
    }
  }

  private void suspects() {
    if (train.suspects() > 0) {
      out.printf(
          "suspects    %.1f %% of the training images, named in %s%n",
          100 * train.suspects(), folder.suspects());
    }
  }

  private void bad() {
    var bad = results.stream().mapToInt(result -> result.bad().size()).sum();
    if (bad > 0) {
      out.printf("bad images  %,d, named in %s%n", bad, folder.badSamples());
    }
  }

  private void computation(ComputationInfo computation) {
    var inDl4j = computation.dl4jLayers();
    out.printf(
        "compute     %s, %d of %d layers compiled, %d x %d threads on rank 0%n",
        computation.precision(),
        computation.compiledLayers(),
        computation.compiledLayers() + inDl4j.size(),
        computation.replicas(),
        computation.threads());
    inDl4j.forEach(layer -> out.printf("in DL4J     %s%n", layer));
  }
}
