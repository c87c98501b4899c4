package org.murmuration.driver.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.Description;
import org.murmuration.driver.job.LearnedDescription;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code describe}. */
@Command(
    name = "describe",
    description = "Prints the effective settings and the network, layer by layer; runs nothing.",
    mixinStandardHelpOptions = true)
final class DescribeCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Option(
      names = "--learned",
      paramLabel = "MODEL",
      description =
          "Prints instead what the preprocessing of this model.zip has learned, beside what it started from.")
  private String model;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "With --learned: draws the filters of gabor-conv, as they started and as they are, and tone curves into this PNG file.")
  private String picture;

  @Override
  public Integer call() throws IOException {
    if (model != null) {
      System.out.print(LearnedDescription.of(model, Contexts.hadoop()));
      if (picture != null) {
        LearnedDescription.draw(model, picture, Contexts.hadoop());
        System.out.println("picture in " + picture);
      }
      return 0;
    }
    System.out.print(new Description(job.load(), Contexts.hadoop()).text());
    return 0;
  }
}
