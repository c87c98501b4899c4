package org.murmuration.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The manifests of deploy/kubernetes, against the types that fabric8 generates from Kubernetes' own
 * schema: every field is known, and of the right type.
 */
class ManifestsTest {
  private static final Path FOLDER = Path.of("../deploy/kubernetes");

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "Pod", Pod.class,
          "ServiceAccount", ServiceAccount.class,
          "Role", Role.class,
          "RoleBinding", RoleBinding.class,
          "NetworkPolicy", NetworkPolicy.class);

  /** Not of Kubernetes itself: they have tests of their own. */
  private static final Set<String> OTHER_KINDS = Set.of("Kustomization", "SparkApplication");

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Unknown fields fail; fabric8's types would else keep them. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              });

  static Stream<Path> manifests() throws IOException {
    try (var files = Files.walk(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void shouldHaveOnlyFieldsOfItsSchema(Path file) throws IOException {
    for (var document : documents(file)) {
      var kind = document.get("kind").asText();
      if (OTHER_KINDS.contains(kind)) {
        continue;
      }
      assertThat(KINDS).containsKey(kind);
      var resource = STRICT.treeToValue(document, KINDS.get(kind));
      assertThat(resource.getApiVersion()).isEqualTo(document.get("apiVersion").asText());
    }
  }

  @Test
  void shouldFindAFieldThatDoesNotExist() throws IOException {
    var pod = (ObjectNode) document("executor-pod.yaml");
    ((ObjectNode) pod.get("spec")).put("terminationGrace", 1);

    assertThatThrownBy(() -> STRICT.treeToValue(pod, Pod.class))
        .hasMessageContaining("terminationGrace");
  }

  @Test
  void shouldListFilesThatAreThere() throws IOException {
    var listed = document("base/kustomization.yaml").get("resources");
    assertThat(listed).isNotEmpty();
    listed.forEach(name -> assertThat(FOLDER.resolve("base").resolve(name.asText())).exists());
  }

  /** What submit sets, the policy opens, and the operator's manifest says again. */
  @Test
  void shouldAgreeOnPorts() throws IOException {
    var ports = document("networkpolicy.yaml").at("/spec/ingress/0/ports/0");
    var range = ports.get("port").asInt() + "-" + ports.get("endPort").asInt();
    assertThat(ports.get("protocol").asText()).isEqualTo("UDP");
    assertThat(Files.readString(FOLDER.resolve("submit"))).contains("ports=" + range);
    assertThat(document("sparkapplication.yaml").at("/spec/arguments").toString())
        .contains("averaging.ports=" + range);
    assertThat(Files.readString(FOLDER.resolve("spark.conf")))
        .containsPattern("spark.blockManager.port +7079");
  }

  /** The fields of SparkApplication v1beta2 that the manifest may use, by the operator's API. */
  @Test
  void shouldHaveOnlyFieldsOfASparkApplication() throws IOException {
    var spec = document("sparkapplication.yaml").get("spec");
    assertThat(names(spec))
        .isSubsetOf(
            "type",
            "mode",
            "sparkVersion",
            "image",
            "imagePullPolicy",
            "mainClass",
            "mainApplicationFile",
            "arguments",
            "restartPolicy",
            "sparkConf",
            "volumes",
            "driver",
            "executor");
    var ofPods =
        Set.of(
            "cores",
            "memory",
            "memoryOverhead",
            "labels",
            "securityContext",
            "volumeMounts",
            "serviceAccount",
            "instances");
    assertThat(names(spec.get("driver"))).isSubsetOf(ofPods);
    assertThat(names(spec.get("executor"))).isSubsetOf(ofPods);
    assertThat(spec.get("restartPolicy").get("type").asText()).isEqualTo("Never");
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode document(String name) throws IOException {
    return documents(FOLDER.resolve(name)).get(0);
  }

  private static List<JsonNode> documents(Path file) {
    List<JsonNode> documents = new ArrayList<>();
    try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      values.forEachRemaining(documents::add);
      return documents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
