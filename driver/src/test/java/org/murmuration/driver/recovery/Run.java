package org.murmuration.driver.recovery;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.murmuration.driver.cli.RunningCommand;

/**
 * A training that recovery is tried on: 2,500 images, 50 steps an epoch, of which every tenth is
 * saved.
 *
 * @param folder of its results
 */
record Run(Path folder) {
  static final int EPOCHS = 25;

  private static final Pattern EPOCH = Pattern.compile("(?m)^epoch +(\\d+)/");

  /** The command line; settings are in the form key=value. */
  String[] line(boolean resume, String... settings) {
    List<String> line = new ArrayList<>(List.of("train", "--out", folder.toString()));
    if (resume) {
      line.add("--resume");
    }
    for (var setting : settings(settings)) {
      line.addAll(List.of("--set", setting));
    }
    return line.toArray(String[]::new);
  }

  private static List<String> settings(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "train.epochs=" + EPOCHS,
                "train.max-failures=20",
                "checkpoint.every-steps=10",
                "checkpoint.keep=3"));
    settings.addAll(List.of(more));
    return settings;
  }

  RunningCommand start(String... settings) {
    return RunningCommand.start(line(false, settings));
  }

  /** Waits for the line of an epoch. */
  static void awaitEpoch(RunningCommand command, int epoch) {
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> command.isDone() || epochs(command.out()) >= epoch);
  }

  /** The newest epoch that an output has a line of. */
  static int epochs(String out) {
    return EPOCH.matcher(out).results().mapToInt(m -> Integer.parseInt(m.group(1))).max().orElse(0);
  }

  JsonNode report() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
  }

  String checksum() throws IOException {
    return report().get("parameterChecksum").asText();
  }
}
