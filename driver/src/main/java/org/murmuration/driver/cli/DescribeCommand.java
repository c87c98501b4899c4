package org.murmuration.driver.cli;

import java.util.concurrent.Callable;
import org.murmuration.driver.job.Description;
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
  public Integer call() {
    System.out.print(new Description(job.load()).text());
    return 0;
  }
}
