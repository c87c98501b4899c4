package org.murmuration.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.CifarFolder;
import org.murmuration.driver.spark.ExecutorProcess;

/**
 * A real YARN with two node managers and a real HDFS: resource manager, containers with limits that
 * are enforced, and the artifact submitted in both modes. Data, checkpoints and models are on that
 * HDFS.
 */
@Timeout(240)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class YarnIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int IMAGES_PER_FILE = 400;
  private static final String MEMORY_OF_A_NODE = "6144";

  /** Where the containers find Spark, instead of having it uploaded. */
  private static final String SPARKS_JARS = "spark.yarn.jars=local:" + Submission.SPARK + "/jars/*";

  @TempDir static Path folder;

  private static MiniDFSCluster hdfs;
  private static MiniYARNCluster yarn;
  private static FileSystem files;
  private static Path hadoopConf;

  @BeforeAll
  @Timeout(120)
  static void startHadoop() throws Exception {
    var dfs = new Configuration();
    dfs.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(dfs).numDataNodes(1).build();
    files = hdfs.getFileSystem();

    var conf = new YarnConfiguration(dfs);
    conf.set("fs.defaultFS", hdfs.getURI().toString());
    conf.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", MEMORY_OF_A_NODE);
    conf.set("yarn.scheduler.minimum-allocation-mb", "128");
    conf.set("yarn.scheduler.maximum-allocation-mb", MEMORY_OF_A_NODE);
    // Containers that outgrow what they asked for are killed, as on a cluster.
    conf.set("yarn.nodemanager.pmem-check-enabled", "true");
    conf.set("yarn.nodemanager.vmem-check-enabled", "false");
    conf.set("yarn.nodemanager.container-monitor.interval-ms", "500");
    conf.set("yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99");
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set("yarn.scheduler.capacity.root.default.capacity", "100");
    conf.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.5");
    yarn = new MiniYARNCluster("murmuration", 2, 1, 1);
    yarn.init(conf);
    yarn.start();
    await().atMost(Duration.ofMinutes(1)).until(() -> yarn.waitForNodeManagersToConnect(1000));

    var client = new Configuration(yarn.getConfig());
    // A class of the minicluster's own, which no client has.
    client.unset("net.topology.node.switch.mapping.impl");
    hadoopConf = Files.createDirectory(folder.resolve("conf"));
    for (var name : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      try (var out = Files.newOutputStream(hadoopConf.resolve(name))) {
        client.writeXml(out);
      }
    }
    var data = CifarFolder.in(folder.resolve("cifar"), IMAGES_PER_FILE);
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(data.path().toUri()),
        new org.apache.hadoop.fs.Path("/data/cifar"));
  }

  @AfterAll
  static void stopHadoop() throws IOException {
    yarn.close();
    hdfs.shutdown();
  }

  /** The job file travels with the application, and everything else is where the driver looks. */
  @Test
  @Order(1)
  void shouldTrainInClusterModeByTheScriptForYarn() throws Exception {
    var job = Files.writeString(folder.resolve("mine.conf"), settings(3));
    List<String> arguments = new ArrayList<>(List.of("train", "--job", job.toString()));
    arguments.addAll(List.of("--conf", SPARKS_JARS));
    arguments.addAll(List.of("--queue", "default", "--executor-memory", "1g"));
    arguments.addAll(List.of("--out", "hdfs:///runs/cluster"));
    try (var submission = Submission.byScript(folder, "yarn/submit", environment(), arguments)) {
      assertThat(submission.awaitEnd(LIMIT)).as(submission.err()).isZero();
    }
    var report = report("cluster");
    System.out.println("in cluster mode, seconds to the first step: " + report.get("startSeconds"));
    assertThat(report.get("worldSize").asInt()).isEqualTo(2);
    assertThat(report.get("restarts")).isEmpty();
    assertThat(report.get("master").asText()).isEqualTo("yarn");
    assertThat(files.exists(new org.apache.hadoop.fs.Path("/runs/cluster/model.zip"))).isTrue();
  }

  /** The same seed gives the same model, whatever happened to a container. */
  @Test
  @Order(2)
  void shouldFinishInClientModeWhenAContainerIsKilled() throws Exception {
    List<String> job = new ArrayList<>(List.of("train", "--out", "hdfs:///runs/client"));
    files.mkdirs(new org.apache.hadoop.fs.Path("/jobs"));
    try (var out = files.create(new org.apache.hadoop.fs.Path("/jobs/mine.conf"))) {
      out.write(settings(3).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    job.addAll(List.of("--job", "hdfs:///jobs/mine.conf"));
    try (var submission = inClientMode(job)) {
      await()
          .atMost(LIMIT)
          .until(() -> submission.isDone() || submission.out().contains("epoch  1/3"));
      assertThat(submission.isDone()).as(submission.err()).isFalse();
      var executors = ExecutorProcess.all();
      assertThat(executors).hasSize(2);
      executors.get(0).kill();

      assertThat(submission.awaitEnd(LIMIT)).as(submission.err()).isZero();
      assertThat(submission.out())
          .containsPattern("lost        rank [01] \\(executor \\d on .*\\)")
          .contains("beside the heap of each executor (spark.executor.memoryOverhead)")
          .contains("restarts    1; until the next step was done: ");
      System.out.println(submission.out());
    }
    var report = report("client");
    assertThat(report.get("worldSize").asInt()).isEqualTo(2);
    assertThat(report.get("restarts")).hasSize(1);
    assertThat(report.get("parameterChecksum"))
        .isEqualTo(report("cluster").get("parameterChecksum"));
    assertThat(report.at("/test/accuracy").asDouble()).isGreaterThan(0.2);
  }

  /** What went wrong is told by YARN itself, without a look at the driver's log. */
  @Test
  @Order(3)
  void shouldTellYarnWhyAJobWasRefused() throws Exception {
    var arguments = List.of("train", "--conf", SPARKS_JARS, "--set", "train.bacth-size=3");
    try (var submission = Submission.byScript(folder, "yarn/submit", environment(), arguments)) {
      assertThat(submission.awaitEnd(LIMIT)).isNotZero();
      assertThat(submission.err() + submission.out())
          .contains("unknown key train.bacth-size", "did you mean train.batch-size?");
    }
  }

  /** The reference experiment, with a container killed in the middle; for its figures. */
  @Test
  @Order(4)
  @Tag("torture")
  void shouldTrainOnAllOfCifar10() throws Exception {
    var archive = Path.of("../../shared/data/cifar-10-binary.tar.gz");
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(archive.toUri()),
        new org.apache.hadoop.fs.Path("/data/cifar-10-binary.tar.gz"));
    var job =
        List.of(
            "train",
            "--job",
            Submission.DEPLOY.resolve("../conf/cifar10.conf").toString(),
            "--set",
            "data.path=hdfs:///data/cifar-10-binary.tar.gz",
            "--out",
            "hdfs:///runs/all");
    try (var submission = inClientMode(job)) {
      await()
          .atMost(LIMIT)
          .until(() -> submission.isDone() || submission.out().contains("epoch  5/10"));
      ExecutorProcess.all().get(0).kill();

      assertThat(submission.awaitEnd(LIMIT)).as(submission.err()).isZero();
      System.out.println(submission.out());
    }
    assertThat(report("all").at("/test/accuracy").asDouble()).isGreaterThan(0.43);
    assertThat(report("all").get("restarts")).hasSize(1);
  }

  /** By Spark alone, two executors, the driver in the process that submits. */
  private static Submission inClientMode(List<String> job) throws IOException {
    var options =
        List.of(
            "--master", "yarn",
            "--num-executors", "2",
            "--executor-memory", "1g",
            "--conf", SPARKS_JARS);
    return Submission.bySpark(
        folder, List.of(hadoopConf), environment(), Submission.line(options, job));
  }

  private static Map<String, String> environment() {
    return Map.of("HADOOP_CONF_DIR", hadoopConf.toString());
  }

  private static String settings(int epochs) {
    return """
        data { source = cifar10, path = "hdfs:///data/cifar" }
        train { ranks = 2, epochs = %d, batch-size = 20 }
        """
        .formatted(epochs);
  }

  private static JsonNode report(String run) throws IOException {
    try (var in = files.open(new org.apache.hadoop.fs.Path("/runs/" + run + "/report.json"))) {
      return new ObjectMapper().readTree(in.readAllBytes());
    }
  }
}
