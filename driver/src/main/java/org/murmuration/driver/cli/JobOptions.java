package org.murmuration.driver.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.Contexts;
import picocli.CommandLine.Option;

/** The options that say which job. */
final class JobOptions {
  private static final Pattern WITH_SCHEME = Pattern.compile("[a-z][a-z0-9+.-]+:.*");

  @Option(
      names = "--job",
      paramLabel = "FILE",
      description =
          "The job file (HOCON), on this machine, or as a URI on any Hadoop file system; without it,"
              + " the built-in job on the embedded sample.")
  private String jobFile;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one setting; may be given several times.")
  private List<String> overrides = new ArrayList<>();

  JobConf load() {
    return jobFile != null && WITH_SCHEME.matcher(jobFile).matches()
        ? JobConf.parse(jobFile, remote(jobFile), overrides)
        : JobConf.load(Optional.ofNullable(jobFile).map(java.nio.file.Path::of), overrides);
  }

  private static String remote(String uri) {
    var path = new Path(URI.create(uri));
    try (var in = path.getFileSystem(Contexts.hadoop()).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ConfigurationException(
          List.of("job file %s can't be read: %s".formatted(uri, e.getMessage())));
    }
  }
}
