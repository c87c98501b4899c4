package org.murmuration.driver.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import org.murmuration.driver.cli.RunningCommand.Outcome;

/** Writes a line about each bad night into {@code target/nights.txt}. */
final class Nights {
  private static final Path FILE = Path.of("target", "nights.txt");

  private Nights() {}

  /**
   * Adds a line about executors that were killed.
   *
   * @param what was killed
   * @param restarts of the report
   */
  static void tellKills(String what, JsonNode restarts, Instant begun, boolean sameModel)
      throws IOException {
    var seconds = restarts.findValues("seconds");
    tell(
        what,
        "the same model",
        "%d restarts, seconds to the next step: %s".formatted(seconds.size(), seconds),
        begun,
        sameModel ? "same model" : "ANOTHER MODEL");
  }

  /**
   * Adds a line.
   *
   * @param what happened to the job
   * @param expected of it
   * @param happened what came of it
   * @param begun when it began
   * @param sameModel whether the model has the bits of the undisturbed one, or what there is in its
   *     place
   */
  static void tell(String what, String expected, String happened, Instant begun, String sameModel)
      throws IOException {
    var seconds = Duration.between(begun, Instant.now()).toSeconds();
    Files.writeString(
        FILE,
        "%s | %s | %s | %d s | %s%n".formatted(what, expected, happened, seconds, sameModel),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** What a command that failed told a person. */
  static String verdict(Outcome outcome) {
    return outcome
        .err()
        .lines()
        .filter(line -> line.startsWith("murmuration: "))
        .findFirst()
        .orElse("nothing said");
  }
}
