package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;
import org.murmuration.worker.model.NormalizeLayer;
import org.murmuration.worker.training.ModelFile;

/**
 * Preprocessing that learns, data that is fed by what training finds out, and how steps are taken.
 */
@Timeout(240)
class EndToEndTrainingTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final String LAYERS =
      "preprocess.layers=[{type=scale,divisor=255},{type=normalize,mean=data,std=data},{type=tone-curve,knots=3}]";

  private static final String GABOR =
      "network.layers=[{type=gabor-conv,filters=6,kernel=5,activation=relu},{type=max-pool,kernel=4}]";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  /**
   * The course must not depend on the number of ranks, though each feeds its own lanes: in the
   * first epoch, which is shuffled, up to rounding. After that rounding may change which of two
   * images is drawn, a few times among the 2,500, so sums over them agree to a hundredth. Momentum
   * keeps rounding small, which Adam's first steps blow up.
   */
  @Test
  void shouldFeedByImportanceTheSameOnAnyNumberOfRanks() throws Exception {
    for (int ranks : new int[] {1, 2}) {
      run(
          "train",
          "ranks" + ranks,
          "train.ranks=" + ranks,
          "train.epochs=3",
          "train.feed.order=importance",
          "train.recompute=3",
          "train.average-weights=0.9",
          "train.optimizer.type=momentum",
          "train.optimizer.learning-rate=0.02",
          LAYERS);
    }

    var one = json("ranks1/report.json");
    var two = json("ranks2/report.json");
    for (int epoch = 0; epoch < 3; epoch++) {
      for (var number : new String[] {"loss", "testLoss"}) {
        double expected = one.at("/epochs/%d/%s".formatted(epoch, number)).asDouble();
        double actual = two.at("/epochs/%d/%s".formatted(epoch, number)).asDouble();
        double tolerance = epoch == 0 ? 1e-4 : 1e-2;
        assertThat(actual).as(number).isCloseTo(expected, within(tolerance * expected));
      }
    }
    var last = one.at("/epochs/2");
    assertThat(last.get("testLoss").asDouble()).isLessThan(one.at("/epochs/0/testLoss").asDouble());
    // As many ranks as evaluated it in training, as sums over ranks round.
    var model = folder.resolve("ranks1/model.zip").toString();
    run("evaluate", "again.json", "train.ranks=1", "--model", model);
    assertThat(json("again.json").get("loss").asDouble())
        .isEqualTo(last.get("testLoss").asDouble());
  }

  @Test
  void shouldNormalizeByTheImagesThemselves() throws Exception {
    var outcome =
        run(
            "train",
            "run",
            "train.epochs=1",
            "train.ranks=2",
            "train.optimizer.type=lamb",
            LAYERS,
            GABOR);

    double[] sums = new double[3];
    int[] images = new int[1];
    CifarFiles.sample()
        .read(
            Split.TRAIN,
            (index, label, pixels, offset) -> {
              images[0]++;
              for (int i = 0; i < 3 * 1024; i++) {
                sums[i / 1024] += Byte.toUnsignedInt(pixels[offset + i]);
              }
            });
    var model = new org.apache.hadoop.fs.Path(folder.resolve("run/model.zip").toUri());
    var graph = ModelFile.read(model, new Configuration(false)).graph();
    var layer = (NormalizeLayer) graph.getLayer("normalize1").conf().getLayer();
    for (int channel = 0; channel < 3; channel++) {
      double mean = sums[channel] / images[0] / 1024;
      assertThat(255 * layer.mean()[channel]).isCloseTo(mean, within(1e-6));
    }
    assertThat(outcome.out())
        .containsPattern("pixels +mean 1\\d\\d\\.\\d, .* deviation \\d\\d\\.\\d");
    var picture = folder.resolve("filters.png");
    var learned =
        RunningCommand.run(
            LIMIT,
            "describe",
            "--learned",
            folder.resolve("run/model.zip").toString(),
            "--picture",
            picture.toString());
    assertThat(learned.out()).contains("tonecurve1").contains("slope 2, 2").contains("likeness 5");
    var image = ImageIO.read(picture.toFile());
    // Six filters of 5 x 5 in two rows, 8 pixels for each weight, and 4 between them.
    assertThat(image.getWidth()).isEqualTo(Math.max(6 * 44 + 4, 256 + 2 * 8));
    // Below them the curves of one layer, 256 pixels a side, 8 around them.
    assertThat(image.getHeight()).isEqualTo(2 * 44 + 4 + 256 + 2 * 8);
  }

  /** What is drawn depends on seed, rank and step, as masks of dropout do. */
  @Test
  void shouldLearnToAugmentTheSameTwice() throws Exception {
    for (var name : new String[] {"one", "two"}) {
      run(
          "train",
          name,
          "train.ranks=2",
          "train.epochs=2",
          "preprocess.layers=[{type=scale,divisor=255},{type=whiten,learning-rate-factor=0.1},{type=learned-augment,rotation=0.1,contrast=0.1}]");
    }

    assertThat(json("one/report.json").at("/epochs/1/parameterChecksum"))
        .isEqualTo(json("two/report.json").at("/epochs/1/parameterChecksum"));
    var learned =
        RunningCommand.run(
            LIMIT, "describe", "--learned", folder.resolve("one/model.zip").toString());
    assertThat(learned.out())
        .containsPattern("learnedaugment1 +contrast +0\\.1000 +0\\.")
        .containsPattern("whiten1 +matrix 2, 0 +-?\\d");
  }

  /** An image of another size than those of training, which the resizer makes one of theirs. */
  @Test
  void shouldResizeAndLearnHow() throws Exception {
    run(
        "train",
        "run",
        "train.epochs=1",
        "train.ranks=2",
        "data.image.height=40",
        "data.image.width=36",
        "preprocess.layers=[{type=scale,divisor=255},{type=normalize,mean=data,std=data},{type=learned-resize,height=16,width=16,filters=4}]",
        "network.layers=[{type=conv,filters=8,kernel=5,activation=relu},{type=max-pool,kernel=4}]");

    assertThat(json("run/report.json").at("/epochs/0/loss").asDouble()).isBetween(1.0, 2.4);
  }

  @Test
  void shouldAugmentByTheGapAndGoOnFromThere() throws Exception {
    String[] settings = {
      "train.ranks=2",
      "train.feed.augment-gap=0.001",
      "train.feed.order=hard",
      "data.augment=[{type=flip-horizontal}]",
      "train.optimizer.learning-rate=0.005"
    };
    run("train", "whole", with(settings, "train.epochs=4"));
    run("train", "parts", with(settings, "train.epochs=2"));
    var line =
        RunningCommand.line("train", folder.resolve("parts"), with(settings, "train.epochs=4"));
    var resumed = new String[line.length + 1];
    System.arraycopy(line, 0, resumed, 0, line.length);
    resumed[line.length] = "--resume";
    assertThat(RunningCommand.run(LIMIT, resumed).exitCode()).isZero();

    assertThat(json("parts/report.json").at("/epochs/3/parameterChecksum"))
        .isEqualTo(json("whole/report.json").at("/epochs/3/parameterChecksum"));
  }

  private static String[] with(String[] settings, String more) {
    var all = new String[settings.length + 1];
    System.arraycopy(settings, 0, all, 0, settings.length);
    all[settings.length] = more;
    return all;
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
