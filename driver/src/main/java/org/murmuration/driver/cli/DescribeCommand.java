package org.murmuration.driver.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.murmuration.driver.job.Description;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code describe}. */
@Command(
    name = "describe",
    description = "Prints the effective settings and the network, layer by layer; runs nothing.",
    mixinStandardHelpOptions = true)
final class DescribeCommand implements Callable<Integer> {
  @Mixin private JobOptions job;

  @Override
  public Integer call() throws IOException {
    System.out.print(new Description(job.load(), Contexts.hadoop()).text());
    return 0;
  }
}
