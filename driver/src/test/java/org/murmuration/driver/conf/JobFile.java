package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A job file that a test writes. */
record JobFile(Path path) {

  static JobFile in(Path folder, String text) {
    try {
      return new JobFile(Files.writeString(folder.resolve("x.conf"), text));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  JobConf load(String... overrides) {
    return JobConf.load(Optional.of(path), List.of(overrides));
  }

  /** The problems, with the folder of the job file cut off. */
  List<String> problems(String... overrides) {
    return problemsOf(Optional.of(path), overrides).stream()
        .map(problem -> problem.replace(path.getParent() + "/", ""))
        .toList();
  }

  static List<String> problemsOf(Optional<Path> path, String... overrides) {
    ConfigurationException refused =
        catchThrowableOfType(
            ConfigurationException.class, () -> JobConf.load(path, List.of(overrides)));
    return refused == null ? List.of() : refused.problems();
  }
}
