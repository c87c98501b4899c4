package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Slots;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.health.Finding;
import org.murmuration.worker.health.HostCheck;

/** {@code doctor}: looks at driver and executors and says what is wrong and how to mend it. */
public final class DoctorJob {
  private final JobConf conf;
  private final JavaSparkContext spark;
  private final Optional<String> outputFolder;
  private final PrintStream out;
  private boolean healthy = true;

  /**
   * @param outputFolder a folder that every executor must be able to write
   * @param out where to print the findings
   */
  public DoctorJob(
      JobConf conf, JavaSparkContext spark, Optional<String> outputFolder, PrintStream out) {
    this.conf = conf;
    this.spark = spark;
    this.outputFolder = outputFolder;
    this.out = out;
  }

  /** Prints the findings; true when training would work. */
  public boolean run() {
    NativeBackend.prepare(conf.train().computation().threads());
    print("driver", HostCheck.run());
    var slots = new Slots(spark.sc());
    try {
      var ranks = conf.train().ranks().orElseGet(slots::promised);
      slots.await(ranks, conf.cluster().slotsTimeout());
      print("cluster", List.of(Finding.ok("slots", ranks + " for " + ranks + " ranks")));
      checkRanks(ranks);
    } catch (JobRefusedException e) {
      print("cluster", List.of(Finding.problem("slots", e.getMessage(), "see above")));
    }
    out.println(healthy ? "training will work" : "training will not work as it is");
    return healthy;
  }

  private void checkRanks(int ranks) {
    var task =
        new DoctorTask(
            outputFolder.map(this::qualified).orElse(null),
            TrainJob.averaging(conf),
            UUID.randomUUID().getMostSignificantBits(),
            conf.train().computation().threads(),
            spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
    try {
      new BarrierStage(spark)
          .run(ranks, task)
          .forEach(result -> print(result.where(), result.findings()));
    } catch (JobFailedException e) {
      print(
          "ranks",
          List.of(
              Finding.problem(
                  "averaging",
                  e.getMessage(),
                  "let the executors reach each other by UDP, or name the network with averaging.interface")));
    }
  }

  private String qualified(String folder) {
    try {
      return RunFolder.open(Optional.of(folder), "doctor", spark.hadoopConfiguration())
          .path()
          .toString();
    } catch (IOException e) {
      print(
          "driver",
          List.of(Finding.problem("output folder", e.getMessage(), "choose another --out")));
      return null;
    }
  }

  private void print(String where, List<Finding> findings) {
    for (var finding : findings) {
      healthy &= finding.status() != Finding.Status.PROBLEM;
      out.printf(
          "%-8s %-22s %-22s %s%n", finding.status(), where, finding.check(), finding.value());
      if (!finding.fix().isEmpty()) {
        out.printf("%-8s %-22s %-22s -> %s%n", "", "", "", finding.fix());
      }
    }
  }
}
