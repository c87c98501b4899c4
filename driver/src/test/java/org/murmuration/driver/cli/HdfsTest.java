package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/** Data, checkpoints and models on a real HDFS, reached over its own protocol. */
@Timeout(120)
class HdfsTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir static java.nio.file.Path folder;

  private static MiniDFSCluster hdfs;
  private static FileSystem files;

  @BeforeAll
  @Timeout(60)
  static void startHdfs() throws IOException {
    var configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    files = hdfs.getFileSystem();
    PngFolders.write(folder.resolve("images"), 12);
    files.copyFromLocalFile(
        new Path(folder.resolve("images").toUri()), new Path("/data of mine/images"));
  }

  @AfterAll
  static void stopHdfs() {
    hdfs.shutdown();
  }

  @Test
  void shouldPrepareTrainAndEvaluateThere() throws Exception {
    var prepared = hdfs.getURI() + "/prepared";
    run(
        List.of("preprocess", "--out", prepared),
        "data.source=folder",
        "data.path=\"" + hdfs.getURI() + "/data*/images\"",
        "data.image.width=32",
        "data.image.height=32",
        "preprocess.test-fraction=0.25");
    var result = hdfs.getURI() + "/run";
    var settings =
        new String[] {
          "data.source=prepared",
          "data.path=\"" + prepared + "\"",
          "train.batch-size=10",
          "train.ranks=2",
          "train.reshuffle-every=1",
          "train.epochs=2"
        };
    run(List.of("train", "--out", result), settings);

    assertThat(files.exists(new Path("/run/checkpoints/epoch-000002.ckpt"))).isTrue();
    var evaluation = hdfs.getURI() + "/evaluation.json";
    run(List.of("evaluate", "--model", result + "/model.zip", "--out", evaluation), settings);
    assertThat(json("/evaluation.json").get("confusionMatrix"))
        .isEqualTo(json("/run/report.json").at("/test/confusionMatrix"));
    assertThat(json("/evaluation.json").get("samples").asInt()).isEqualTo(30);
  }

  private static void run(List<String> command, String... settings) throws Exception {
    var arguments =
        Stream.concat(
            command.stream(), Stream.of(settings).flatMap(setting -> Stream.of("--set", setting)));
    var outcome = RunningCommand.run(LIMIT, arguments.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static JsonNode json(String path) throws IOException {
    try (var in = files.open(new Path(path))) {
      return new ObjectMapper().readTree(in.readAllBytes());
    }
  }
}
