package org.murmuration.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.TrainJob;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code train}. */
@Command(
    name = "train",
    description = "Trains a network on all ranks and saves the model and a report.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where model, checkpoints and report.json go, on any Hadoop file system"
              + " (default: runs/<name>-<time>).")
  private String out;

  @Option(
      names = "--resume",
      description = "Go on with the run in --out from its newest good checkpoint.")
  private boolean resume;

  @Override
  public Integer call() throws Exception {
    var conf = job.load();
    var terminal = System.out;
    try (var train =
            TrainJob.prepare(
                conf,
                Optional.ofNullable(out),
                resume,
                Contexts.hadoop(),
                terminal,
                Help.Ansi.AUTO.enabled());
        var spark = Contexts.start(train.demand(), terminal)) {
      return train.run(spark) ? 0 : Murmuration.FAILED;
    }
  }
}
