package org.murmuration.driver.cli;

import java.util.concurrent.Callable;
import org.murmuration.driver.job.PreprocessJob;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code preprocess}. */
@Command(
    name = "preprocess",
    description =
        "Decodes, resizes, checks, splits and shuffles a data set once, into Parquet files that"
            + " train reads with data.source = prepared. Run again, it goes on where it was"
            + " stopped, and takes what was added.",
    mixinStandardHelpOptions = true)
final class PreprocessCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the data set goes, on any Hadoop file system.")
  private String out;

  @Override
  public Integer call() throws Exception {
    var conf = job.load();
    var preprocess =
        PreprocessJob.prepare(conf, out, Contexts.hadoop(), System.out, Help.Ansi.AUTO.enabled());
    try (var spark = Contexts.startTasks(conf.name(), PreprocessJob.memory())) {
      preprocess.run(spark);
    }
    return 0;
  }
}
