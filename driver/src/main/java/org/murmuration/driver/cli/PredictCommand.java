package org.murmuration.driver.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.PredictJob;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code predict}. */
@Command(
    name = "predict",
    description =
        "Says what a saved model takes images for: a line of path, class and probability for"
            + " each. The model knows how its images are prepared and what its classes are called.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "The model.zip or best.zip of a run, on any Hadoop file system.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write the table (CSV); without it, to the terminal.")
  private String out;

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description = "Image files, folders with images at any depth, or globs.")
  private List<String> places;

  @Override
  public Integer call() throws Exception {
    var predict =
        PredictJob.prepare(
            model, places, Optional.ofNullable(out), Contexts.hadoop(), System.out, System.err);
    try (var spark = Contexts.startTasks("predict", PredictJob.memory())) {
      predict.run(spark);
    }
    return 0;
  }
}
