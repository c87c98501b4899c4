package org.murmuration.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.EvaluateJob;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate}. */
@Command(
    name = "evaluate",
    description = "Evaluates a saved model on the job's test images, on all ranks.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "The model.zip of a run, on any Hadoop file system.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write the result as JSON; without it, only to the terminal.")
  private String out;

  @Override
  public Integer call() throws Exception {
    var conf = job.load();
    var terminal = System.out;
    var evaluate =
        EvaluateJob.prepare(conf, model, Optional.ofNullable(out), Contexts.hadoop(), terminal);
    try (var spark = Contexts.start(evaluate.demand(), terminal)) {
      evaluate.run(spark);
    }
    return 0;
  }
}
