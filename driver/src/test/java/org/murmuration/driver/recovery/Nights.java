package org.murmuration.driver.recovery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/** Writes a line about each bad night into {@code target/nights.txt}. */
final class Nights {
  private static final Path FILE = Path.of("target", "nights.txt");

  private Nights() {}

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
}
