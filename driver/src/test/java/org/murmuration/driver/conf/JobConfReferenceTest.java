package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code reference.conf} documents the settings that are read: all of them and nothing else. */
class JobConfReferenceTest {

  @Test
  void shouldReadEveryKeyAndNoOther() {
    Set<String> read = new TreeSet<>();
    for (List<String> overrides :
        List.of(
            List.<String>of(),
            List.of("data.source=cifar10"),
            List.of("data.source=table", "data.path=t"),
            List.of("data.source=pairs", "data.path=p", "data.mask-path=m"),
            List.of("train.optimizer.type=momentum", "train.schedule.type=step"),
            List.of("train.schedule.type=cosine", "train.optimizer.type=lars"),
            List.of("train.ranks=2", "train.batch-per-rank=8", "train.feed.order=importance"),
            List.of("train.feed.order=hard"),
            List.of("train.feed.order=curriculum"),
            List.of("averaging.wire=threshold", "averaging.every=2"),
            List.of("train.on-nan=skip"))) {
      read.addAll(JobConf.load(Optional.empty(), overrides).effective().settings().keySet());
    }

    assertThat(read).isEqualTo(documented().keySet());
  }

  @Test
  void shouldExplainEveryKeyInACommentAboveIt() {
    documented()
        .forEach(
            (key, value) ->
                assertThat(String.join(" ", value.origin().comments()))
                    .as("comment above %s", key)
                    .hasSizeGreaterThan(20));
  }

  @Test
  void shouldListEveryTypeOfLayerWithItsKeys() {
    String comment = String.join("\n", documented().get("network.layers").origin().comments());
    Map<String, String> required =
        Map.ofEntries(
            Map.entry("conv", ", filters = 1, kernel = 1"),
            Map.entry("gabor-conv", ", filters = 1, kernel = 1"),
            Map.entry("gabor-waves", ", filters = 1, kernel = 1"),
            Map.entry("max-pool", ", kernel = 1"),
            Map.entry("avg-pool", ", kernel = 1"),
            Map.entry("global-avg-pool", ""),
            Map.entry("batch-norm", ""),
            Map.entry("activation", ", kind = relu"),
            Map.entry("dense", ", units = 1"),
            Map.entry("dropout", ", probability = 0"),
            Map.entry("normalize", ", mean = [0], std = [1]"),
            Map.entry("scale", ", divisor = 1"),
            Map.entry("channel-affine", ""),
            Map.entry("color-transform", ""),
            Map.entry("tone-curve", ""),
            Map.entry("whiten", ""),
            Map.entry("learned-augment", ", zoom = 0.1"),
            Map.entry("resize", ", height = 1, width = 1"),
            Map.entry("learned-resize", ", height = 1, width = 1"));

    String anyOther = JobFile.problemsOf(Optional.empty(), "network.layers=[{ type = x }]").get(0);
    assertThat(anyOther).endsWith("one of " + String.join(", ", new TreeSet<>(required.keySet())));
    required.forEach(
        (type, keys) -> {
          String job = "network.layers=[{ type = %s%s }]".formatted(type, keys);
          JobConf conf = JobConf.load(Optional.empty(), List.of(job));
          assertThat(keysInComment(comment, type)).as(type).isEqualTo(keysOfOnlyLayer(conf));
        });
  }

  @Test
  void shouldListEveryTypeOfAugmentationWithItsKeys() {
    String comment = String.join("\n", documented().get("data.augment").origin().comments());
    Map<String, String> required =
        Map.of(
            "color-jitter", "",
            "cutmix", ", alpha = 1",
            "cutout", ", size = 1",
            "flip-horizontal", "",
            "flip-vertical", "",
            "mixup", ", alpha = 1",
            "pad-and-crop", ", padding = 1",
            "rand-augment", "",
            "random-resized-crop", "",
            "rotation", ", degrees = 1");

    String anyOther = JobFile.problemsOf(Optional.empty(), "data.augment=[{ type = x }]").get(0);
    assertThat(anyOther).endsWith("one of " + String.join(", ", new TreeSet<>(required.keySet())));
    required.forEach(
        (type, keys) -> {
          String job = "data.augment=[{ type = %s%s }]".formatted(type, keys);
          JobConf conf = JobConf.load(Optional.empty(), List.of(job));
          List<? extends ConfigObject> steps =
              ConfigFactory.parseMap(conf.toMap()).getObjectList("data.augment");
          assertThat(keysInComment(comment, type)).as(type).isEqualTo(steps.get(0).keySet());
        });
  }

  /** The keys that the comment gives in braces for a type of layer. */
  private static Set<String> keysInComment(String comment, String type) {
    Matcher braces = Pattern.compile("\\{ (type = " + type + "(?![-a-z])[^}]*) }").matcher(comment);
    assertThat(braces.find()).as("%s in the comment", type).isTrue();
    return Pattern.compile(",\\s+")
        .splitAsStream(braces.group(1))
        .map(key -> key.replaceAll(" = .*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> keysOfOnlyLayer(JobConf conf) {
    List<? extends ConfigObject> layers =
        ConfigFactory.parseMap(conf.toMap()).getObjectList("network.layers");
    assertThat(layers).hasSize(1);
    return new TreeSet<>(layers.get(0).keySet());
  }

  private static SortedMap<String, ConfigValue> documented() {
    SortedMap<String, ConfigValue> keys = new TreeMap<>();
    collect("", JobSources.reference().root(), keys);
    return keys;
  }

  private static void collect(
      String prefix, ConfigObject object, SortedMap<String, ConfigValue> keys) {
    object.forEach(
        (name, value) -> {
          if (value instanceof ConfigObject section) {
            collect(prefix + name + ".", section, keys);
          } else {
            keys.put(prefix + name, value);
          }
        });
  }
}
