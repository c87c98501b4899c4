package org.murmuration.driver.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.murmuration.driver.conf.JobConf;
import picocli.CommandLine.Option;

/** The options that say which job. */
final class JobOptions {

  @Option(
      names = "--job",
      paramLabel = "FILE",
      description = "The job file (HOCON); without it, the built-in job on the embedded sample.")
  private Path jobFile;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one setting; may be given several times.")
  private List<String> overrides = new ArrayList<>();

  JobConf load() {
    return JobConf.load(Optional.ofNullable(jobFile), overrides);
  }
}
