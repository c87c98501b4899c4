package org.murmuration.driver.conf;

import static org.murmuration.driver.conf.Rule.AT_LEAST_ONE;
import static org.murmuration.driver.conf.Rule.FRACTION_BELOW_ONE;
import static org.murmuration.driver.conf.Rule.NOT_NEGATIVE;
import static org.murmuration.driver.conf.Rule.POSITIVE;
import static org.murmuration.driver.conf.ValueTypes.flag;
import static org.murmuration.driver.conf.ValueTypes.integer;
import static org.murmuration.driver.conf.ValueTypes.list;
import static org.murmuration.driver.conf.ValueTypes.listOf;
import static org.murmuration.driver.conf.ValueTypes.number;
import static org.murmuration.driver.conf.ValueTypes.oneOf;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;

/** Reads a list of layers. Each type of layer reads its own keys, and any other key is refused. */
final class LayerParser {
  private static final String TYPE = "type";
  private static final Rule ANY = new Rule("a number", number -> true);
  private static final String EXAMPLE = "a layer such as { type = dense, units = 10 }";

  private static final SortedMap<String, Function<Section, LayerSpec>> TYPES =
      new TreeMap<>(
          Map.of(
              "activation", LayerParser::activation,
              "avg-pool", layer -> pool(layer, PoolKind.AVERAGE),
              "batch-norm", LayerParser::batchNorm,
              "conv", LayerParser::conv,
              "dense", LayerParser::dense,
              "dropout", LayerParser::dropout,
              "global-avg-pool", layer -> new LayerSpec.GlobalAveragePool(),
              "max-pool", layer -> pool(layer, PoolKind.MAX),
              "normalize", LayerParser::normalize,
              "scale", LayerParser::scale));

  private final Problems problems;

  LayerParser(Problems problems) {
    this.problems = problems;
  }

  /** Reads the layers that a key of the section lists. */
  List<LayerSpec> read(Section section, String key) {
    List<LayerSpec> layers = new ArrayList<>();
    List<Map<String, Object>> effective = new ArrayList<>();
    List<ConfigValue> elements = section.read(key, list());
    for (int i = 0; i < elements.size(); i++) {
      String place = "%s[%d]".formatted(key, i);
      if (elements.get(i) instanceof ConfigObject object) {
        Section layer = new Section(place + ".", Settings.of(object), problems);
        readLayer(layer, place, object).ifPresent(layers::add);
        effective.add(layer.effective());
      } else {
        String origin = Origins.describe(elements.get(i).origin());
        problems.wrongType(place, origin, elements.get(i), EXAMPLE);
      }
    }
    section.expand(key, effective);
    return List.copyOf(layers);
  }

  private Optional<LayerSpec> readLayer(Section layer, String place, ConfigObject object) {
    Function<Section, LayerSpec> type = layer.read(TYPE, oneOf(TYPES));
    if (!layer.isSound(TYPE)) {
      return Optional.empty();
    }
    LayerSpec spec = type.apply(layer);
    for (String name : new TreeSet<>(object.keySet())) {
      if (!layer.asked().contains(name)) {
        refuseUnknown(layer, place, name);
      }
    }
    return Optional.of(spec);
  }

  private void refuseUnknown(Section layer, String place, String name) {
    problems.add(
        "unknown key %s.%s in %s: a layer of type %s reads %s%s"
            .formatted(
                place,
                name,
                layer.origin(name),
                layer.effective().get(TYPE),
                String.join(", ", layer.asked()),
                KeySuggestion.hint(name, layer.asked())));
  }

  private static LayerSpec activation(Section layer) {
    return new LayerSpec.Activation(layer.read("kind", oneOf(ActivationKind.class)));
  }

  private static LayerSpec batchNorm(Section layer) {
    return new LayerSpec.BatchNorm(
        layer.read("epsilon", number(POSITIVE), 1e-5),
        layer.read("decay", number(FRACTION_BELOW_ONE), 0.9));
  }

  private static LayerSpec conv(Section layer) {
    int filters = layer.read("filters", integer(AT_LEAST_ONE));
    int kernel = layer.read("kernel", integer(AT_LEAST_ONE));
    int stride = layer.read("stride", integer(AT_LEAST_ONE), 1);
    Optional<Integer> padding = layer.read("padding", integer(NOT_NEGATIVE).orWord("same"), 0);
    boolean bias = layer.read("bias", flag(), true);
    return new LayerSpec.Conv(
        filters, kernel, stride, padding.orElse(0), padding.isEmpty(), bias, activationOf(layer));
  }

  private static LayerSpec dense(Section layer) {
    return new LayerSpec.Dense(
        layer.read("units", integer(AT_LEAST_ONE)),
        layer.read("bias", flag(), true),
        activationOf(layer));
  }

  private static LayerSpec dropout(Section layer) {
    return new LayerSpec.Dropout(layer.read("probability", number(FRACTION_BELOW_ONE)));
  }

  private static LayerSpec normalize(Section layer) {
    List<Double> mean = layer.read("mean", listOf(number(ANY)));
    List<Double> std = layer.read("std", listOf(number(POSITIVE)));
    boolean matches = mean.size() == std.size() || mean.size() == 1 || std.size() == 1;
    layer.require(
        matches,
        "std",
        "mean",
        "as long as mean (%d values), or of length 1".formatted(mean.size()));
    return new LayerSpec.Normalize(mean, std);
  }

  private static LayerSpec pool(Section layer, PoolKind kind) {
    int kernel = layer.read("kernel", integer(AT_LEAST_ONE));
    int stride = layer.read("stride", integer(AT_LEAST_ONE), kernel);
    int padding = layer.read("padding", integer(NOT_NEGATIVE), 0);
    layer.require(padding < kernel, "padding", "kernel", "< kernel (%d)".formatted(kernel));
    return new LayerSpec.Pool(kind, kernel, stride, padding);
  }

  private static LayerSpec scale(Section layer) {
    return new LayerSpec.Scale(layer.read("divisor", number(POSITIVE)));
  }

  private static ActivationKind activationOf(Section layer) {
    return layer.read("activation", oneOf(ActivationKind.class), "identity");
  }
}
