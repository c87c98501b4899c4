package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;

/** Training that ends when nothing gets better, and the network of its best epoch. */
@Timeout(120)
class BestModelTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  /** With a learning rate this high the loss on the test images soon rises. */
  @Test
  void shouldStopAndKeepTheBest() throws Exception {
    var training =
        run(
            "train",
            "run",
            "train.epochs=100",
            "train.optimizer.learning-rate=0.004",
            "train.schedule.warmup-steps=20",
            "train.clip-norm=5",
            "train.label-smoothing=0.1",
            "train.accumulate=2",
            "train.reshuffle-every=4",
            "train.best-by=loss",
            "train.patience=2",
            "train.keep-best=true");

    var report = json("run/report.json");
    int epochs = report.get("epochs").size();
    int best = report.at("/best/epoch").asInt();
    assertThat(epochs).isLessThan(100).isEqualTo(best + 2);
    for (var epoch : report.get("epochs")) {
      assertThat(epoch.get("testLoss").asDouble())
          .isGreaterThanOrEqualTo(report.at("/best/testLoss").asDouble());
    }
    assertThat(training.out())
        .contains("stopped     after epoch %d of 100: 2 evaluations".formatted(epochs))
        .contains("best        epoch %d with ".formatted(best), "run/best.zip");
    run("evaluate", "best.json", "--model", folder.resolve("run/best.zip").toString());
    assertThat(json("best.json").get("loss").asDouble())
        .isEqualTo(report.at("/best/testLoss").asDouble());
    run("evaluate", "last.json", "--model", folder.resolve("run/model.zip").toString());
    assertThat(json("last.json").get("loss").asDouble())
        .isEqualTo(report.at("/test/loss").asDouble());
  }

  private Outcome run(String command, String out, String... more) throws Exception {
    var outcome =
        RunningCommand.run(LIMIT, RunningCommand.line(command, folder.resolve(out), more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }
}
