package org.murmuration.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.DoctorJob;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code doctor}. */
@Command(
    name = "doctor",
    description =
        "Checks driver and executors: Java, ND4J, memory, slots, GPUs, versions, the links between ranks, write access.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The output folder that every executor must be able to write.")
  private String out;

  @Option(
      names = "--here",
      description = "Checks this machine alone, with every native library, and starts no Spark.")
  private boolean here;

  @Override
  public Integer call() throws Exception {
    var conf = job.load();
    var terminal = System.out;
    if (here) {
      return DoctorJob.checkHere(conf, terminal) ? 0 : Murmuration.FAILED;
    }
    try (var spark = Contexts.start(DoctorJob.demand(conf, Contexts.hadoop()), terminal)) {
      var healthy = new DoctorJob(conf, spark, Optional.ofNullable(out), terminal).run();
      return healthy ? 0 : Murmuration.FAILED;
    }
  }
}
