package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.cifar.CifarFiles;

/** Real images, some in folders of other classes, and whether training finds them. */
@Timeout(120)
class SuspectsTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final int PER_CLASS = 100;
  private static final double SHARE = 0.1;

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  @Test
  void shouldNameImagesWithWrongLabels() throws Exception {
    PngFolders.write(folder.resolve("images"), PER_CLASS);
    var wrong = swapSome();

    var training =
        RunningCommand.run(
            LIMIT,
            PngFolders.command(
                "train",
                folder,
                "run",
                "--set",
                "train.suspects=" + SHARE,
                "--set",
                "train.epochs=12",
                "--set",
                "train.batch-size=25",
                "--set",
                "train.replicas-per-rank=1"));

    assertThat(training.exitCode()).as(training.err()).isZero();
    assertThat(training.out()).contains("suspects    10.0 % of the training images, named in ");
    var rows = suspects();
    assertThat(rows).hasSize((int) (10 * PER_CLASS * SHARE));
    assertThat(rows)
        .extracting(row -> Double.parseDouble(row.get("loss")))
        .isSortedAccordingTo(Comparator.<Double>reverseOrder());
    var found = new TreeSet<String>();
    for (var row : rows) {
      var path = Path.of(row.get("path").replace("file:", ""));
      assertThat(path).exists();
      assertThat(row.get("label")).isEqualTo(path.getParent().getFileName().toString());
      if (wrong.contains(path.getFileName().toString())) {
        found.add(path.getFileName().toString());
      }
    }
    // By chance it would be 5 of the 50, and 14 or more once in 10,000 times (hypergeometric). So
    // little data makes a network that is wrong about two of three images, so it can't be all.
    assertThat(found).hasSizeGreaterThan(14);
  }

  @Test
  void shouldRefuseWhatMixesLosses() throws Exception {
    var refused =
        RunningCommand.run(
            LIMIT,
            "train",
            "--out",
            folder.resolve("run").toString(),
            "--set",
            "train.suspects=0.1",
            "--set",
            "data.augment=[{ type = mixup, alpha = 1 }]");

    assertThat(refused.exitCode()).isEqualTo(Murmuration.FAILED);
    assertThat(refused.err()).contains("mixup and cutmix make one loss of two images");
  }

  /** Moves 5 images of each class to the next one. */
  private Set<String> swapSome() throws IOException {
    var names = CifarFiles.sample().classNames();
    var moved = new TreeSet<String>();
    for (int c = 0; c < names.size(); c++) {
      for (int i = 0; i < 5; i++) {
        var name = "moved-%d-%d.png".formatted(c, i);
        Files.move(
            folder.resolve("images/%s/%d.png".formatted(names.get(c), 7 * i)),
            folder.resolve("images/%s/%s".formatted(names.get((c + 1) % names.size()), name)));
        moved.add(name);
      }
    }
    return moved;
  }

  private List<CSVRecord> suspects() throws IOException {
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    try (var reader = Files.newBufferedReader(folder.resolve("run/suspects.csv"));
        var parser = format.parse(reader)) {
      return new ArrayList<>(parser.getRecords());
    }
  }
}
