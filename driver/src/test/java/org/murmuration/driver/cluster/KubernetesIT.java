package org.murmuration.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import okhttp3.mockwebserver.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Kubernetes is asked for when a job is submitted: the pods that Spark makes at an API server,
 * with the templates of deploy/kubernetes in them. Nothing runs them.
 */
@Timeout(150)
class KubernetesIT {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final String IMAGE = "registry.example.com/murmuration:test";
  private static final long MIB = 1 << 20;
  private static final List<String> ONE_GPU =
      List.of(
          "spark.executor.resource.gpu.amount=1",
          "spark.executor.resource.gpu.vendor=nvidia.com",
          "spark.executor.resource.gpu.discoveryScript=/opt/murmuration/find-gpus");

  @TempDir private Path folder;

  private KubernetesMockServer server;
  private KubernetesClient client;

  @BeforeEach
  void startApiServer() {
    server =
        new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new ApplyingDispatcher(), false);
    server.init();
    client = server.createClient();
  }

  @AfterEach
  void stopApiServer() {
    client.close();
    server.destroy();
  }

  @Test
  void shouldMakeTheDriversPodInClusterMode() throws Exception {
    var arguments =
        List.of(
            "first", "train",
            "--master", master(),
            "--namespace", "default",
            "--image", IMAGE,
            "--conf", "spark.kubernetes.submission.waitAppCompletion=false",
            "--job", "s3a://bucket/jobs/first.conf",
            "--out", "s3a://bucket/runs/first");
    try (var submission =
        Submission.byScript(
            folder, "kubernetes/submit", Map.of("NETWORK_POLICY", "no"), arguments)) {
      assertThat(submission.awaitEnd(LIMIT)).as(submission.err()).isZero();
    }

    var pod = only("driver");
    var container = pod.getSpec().getContainers().get(0);
    assertThat(container.getImage()).isEqualTo(IMAGE);
    assertThat(container.getArgs())
        .containsSubsequence("--class", "org.murmuration.driver.Main")
        .containsSubsequence("local:///opt/murmuration/murmuration.jar", "train")
        .containsSubsequence("--job", "s3a://bucket/jobs/first.conf")
        .containsSubsequence("--set", "averaging.ports=40100-40115");
    assertThat(mebibytes(container)).isEqualTo(2048);
    assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("murmuration");
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("murmuration-job", "first")
        .containsEntry("app.kubernetes.io/component", "driver");
    assertThat(pod.getMetadata().getAnnotations())
        .containsEntry("cluster-autoscaler.kubernetes.io/safe-to-evict", "false");
    assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
    assertHardened(container);
  }

  /** The driver is the job's own, so it has asked for what the job needs. */
  @Test
  void shouldMakeTheExecutorsPodsInClientMode() throws Exception {
    var settings =
        List.of(
            "spark.executor.memory=1g", "spark.kubernetes.executor.label.murmuration-job=first");
    var job =
        List.of(
            "train",
            "--set",
            "train.ranks=2",
            "--set",
            "cluster.slots-timeout=15s",
            "--out",
            folder.resolve("run").toString());
    try (var submission = inClientMode("executor-pod.yaml", settings, job)) {
      await().atMost(LIMIT).until(() -> submission.isDone() || pods("executor").size() == 2);
      assertThat(submission.isDone()).as(submission.err()).isFalse();
      pods("executor").forEach(this::assertExecutor);

      assertThat(submission.awaitEnd(LIMIT)).isEqualTo(1);
      assertThat(submission.out())
          .contains("beside the heap of each executor (spark.executor.memoryOverhead)")
          .contains("0 of 2 task slots are there, 2 are missing");
      assertThat(submission.err())
          .contains("2 are missing. 0 executors of the 2 asked for have come");
    }
  }

  /** Before any pod is asked for. */
  @Test
  void shouldRefuseGpusToTheArtifactForCpus() throws Exception {
    var job = List.of("train", "--out", folder.resolve("run").toString());
    try (var submission = inClientMode("executor-pod-gpu.yaml", ONE_GPU, job)) {
      assertThat(submission.awaitEnd(LIMIT)).isEqualTo(1);
      assertThat(submission.err())
          .contains(
              "murmuration: spark.executor.resource.gpu.amount = 1, but this is the artifact for CPUs");
    }
    assertThat(pods("executor")).isEmpty();
  }

  /**
   * Limits and tolerations of pods with GPUs. What Spark makes of the settings is the same for
   * every command, and preprocessing takes no GPU, so that the artifact for CPUs will do.
   */
  @Test
  void shouldAskForAGpuWithEachExecutor() throws Exception {
    var job =
        List.of(
            "preprocess",
            "--set",
            "cluster.slots-timeout=3s",
            "--out",
            folder.resolve("prepared").toString());
    try (var submission = inClientMode("executor-pod-gpu.yaml", ONE_GPU, job)) {
      await().atMost(LIMIT).until(() -> submission.isDone() || pods("executor").size() == 2);
      assertThat(pods("executor")).as(submission.err()).hasSize(2);
      for (var pod : pods("executor")) {
        var limits = pod.getSpec().getContainers().get(0).getResources().getLimits();
        assertThat(limits.get("nvidia.com/gpu").getAmount()).isEqualTo("1");
        assertThat(pod.getSpec().getTolerations())
            .anySatisfy(toleration -> assertThat(toleration.getKey()).isEqualTo("nvidia.com/gpu"));
      }
      assertThat(submission.awaitEnd(LIMIT)).isEqualTo(1);
      assertThat(submission.err()).contains("1 are missing. 0 executors of the 2 asked for");
    }
  }

  /** By Spark alone, the driver in the process that submits, with what deploy/kubernetes has. */
  private Submission inClientMode(String template, List<String> settings, List<String> job)
      throws IOException {
    var deploy = Submission.DEPLOY.resolve("kubernetes");
    List<String> options = new ArrayList<>(List.of("--master", master()));
    options.addAll(List.of("--properties-file", deploy.resolve("spark.conf").toString()));
    Stream.concat(
            settings.stream(),
            Stream.of(
                "spark.kubernetes.container.image=" + IMAGE,
                "spark.kubernetes.executor.podTemplateFile=" + deploy.resolve(template)))
        .forEach(setting -> options.addAll(List.of("--conf", setting)));
    return Submission.bySpark(folder, List.of(), Map.of(), Submission.line(options, job));
  }

  private void assertExecutor(Pod pod) {
    var container = pod.getSpec().getContainers().get(0);
    // 1 GiB of heap, 512 MiB of images, 64 MiB for averaging, 512 MiB of libraries, and the
    // network.
    assertThat(mebibytes(container)).isBetween(1024L + 1088, 1024L + 1088 + 3 * 64);
    assertThat(container.getResources().getLimits().get("cpu").getAmount()).isEqualTo("1");
    assertThat(container.getVolumeMounts())
        .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/dev/shm"));
    assertThat(pod.getSpec().getVolumes())
        .anySatisfy(
            volume -> {
              assertThat(volume.getName()).isEqualTo("shared-memory");
              assertThat(volume.getEmptyDir().getMedium()).isEqualTo("Memory");
            });
    assertThat(container.getPorts())
        .anySatisfy(port -> assertThat(port.getContainerPort()).isEqualTo(7079));
    assertThat(container.getLifecycle().getPreStop().getExec().getCommand().toString())
        .contains("/opt/decom.sh");
    assertThat(container.getEnv())
        .anySatisfy(
            variable -> {
              assertThat(variable.getName()).isEqualTo("OMP_NUM_THREADS");
              assertThat(variable.getValue()).isEqualTo("1");
            })
        .anySatisfy(
            variable ->
                assertThat(variable.getValue())
                    .isEqualTo("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"))
        .anySatisfy(
            variable ->
                assertThat(variable.getValue())
                    .isEqualTo("-Dorg.bytedeco.javacpp.cachedir=/opt/murmuration/native"));
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("murmuration-job", "first")
        .containsEntry("app.kubernetes.io/component", "executor");
    assertThat(pod.getSpec().getAffinity().getPodAntiAffinity()).isNotNull();
    assertHardened(container);
  }

  private static void assertHardened(Container container) {
    assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
  }

  private static long mebibytes(Container container) {
    return container.getResources().getLimits().get("memory").getNumericalAmount().longValueExact()
        / MIB;
  }

  private String master() {
    return "k8s://http://127.0.0.1:" + server.getPort();
  }

  private Pod only(String role) {
    assertThat(pods(role)).hasSize(1);
    return pods(role).get(0);
  }

  private List<Pod> pods(String role) {
    return client.pods().inNamespace("default").withLabel("spark-role", role).list().getItems();
  }
}
