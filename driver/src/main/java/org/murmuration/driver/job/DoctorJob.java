package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.Contexts;
import org.murmuration.driver.spark.Demand;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Slots;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.health.Finding;
import org.murmuration.worker.health.HostCheck;
import org.murmuration.worker.health.LibraryCheck;

/** {@code doctor}: looks at driver and executors and says what is wrong and how to mend it. */
public final class DoctorJob {
  private final JobConf conf;
  private final JavaSparkContext spark;
  private final Optional<String> outputFolder;
  private final PrintStream out;
  private final Findings report;

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
    this.report = new Findings(out);
  }

  /**
   * What the check asks of the cluster: what the job would, as far as that can be told.
   *
   * @throws org.murmuration.worker.data.BadDataException when the data is of another form
   */
  public static Demand demand(JobConf conf, Configuration hadoop) throws IOException {
    var demand =
        new Demand(
            "doctor",
            conf.train().ranks().most(),
            conf.train().computation().threads(),
            Optional.empty());
    if (!Contexts.hasMemoryLimits()) {
      return demand;
    }
    var data = DataLocator.foresee(conf.data(), hadoop);
    var classes = DataLocator.classes(conf.data(), data, hadoop);
    return demand.with(RankNeed.ofTraining(conf, data.transform().shape(), classes).memory());
  }

  /**
   * Prints what is found on this machine alone, without Spark.
   *
   * @return true when a rank would work here
   */
  public static boolean checkHere(JobConf conf, PrintStream out) {
    NativeBackend.prepare(conf.train().computation().threads());
    var report = new Findings(out);
    report.print("here", HostCheck.run());
    report.print("here", List.of(LibraryCheck.run()));
    return report.healthy();
  }

  /** Prints the findings; true when training would work. */
  public boolean run() throws IOException {
    NativeBackend.prepare(conf.train().computation().threads());
    report.print("driver", spark.sc().isLocal() ? HostCheck.run() : HostCheck.ofDriver());
    report.print("driver", List.of(Finding.ok("versions", Versions.own())));
    var slots = new Slots(spark.sc(), word -> out.println("waiting     " + word));
    try {
      var ranks = conf.train().ranks().least().orElseGet(slots::promised);
      slots.await(ranks, conf.cluster().slotsTimeout());
      report.print("cluster", List.of(Finding.ok("slots", ranks + " for " + ranks + " ranks")));
      checkRanks(ranks);
    } catch (JobRefusedException e) {
      report.print("cluster", List.of(Finding.problem("slots", e.getMessage(), "see there")));
    }
    out.println(report.healthy() ? "training will work" : "training will not work as it is");
    return report.healthy();
  }

  private void checkRanks(int ranks) throws IOException {
    var task =
        new DoctorTask(
            outputFolder.map(this::qualified).orElse(null),
            TrainSetup.averaging(conf),
            UUID.randomUUID().getMostSignificantBits(),
            conf.train().computation().threads(),
            spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
    try {
      for (var result : new BarrierStage(spark).run(ranks, task)) {
        report.print(result.where(), result.findings());
        report.print(result.where(), List.of(versions(result.versions())));
      }
    } catch (JobFailedException e) {
      report.print("ranks", List.of(Finding.problem("stage", e.getMessage(), "see there")));
    }
  }

  /** Other classes than the driver's are a matter of luck. */
  private static Finding versions(String theirs) throws IOException {
    return theirs.equals(Versions.own())
        ? Finding.ok("versions", theirs)
        : Finding.problem(
            "versions",
            theirs + ", and the driver " + Versions.own(),
            "submit with the same Spark that the cluster runs, and leave other jars of Murmuration out of the cluster's class path");
  }

  private String qualified(String folder) {
    try {
      return RunFolder.open(Optional.of(folder), "doctor", spark.hadoopConfiguration())
          .path()
          .toString();
    } catch (IOException e) {
      report.print(
          "driver",
          List.of(Finding.problem("output folder", e.getMessage(), "choose another --out")));
      return null;
    }
  }
}
