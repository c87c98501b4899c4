package org.murmuration.driver.conf;

import static java.util.stream.Collectors.joining;
import static org.murmuration.driver.conf.Rule.AT_LEAST_ONE;
import static org.murmuration.driver.conf.Rule.FRACTION_BELOW_ONE;
import static org.murmuration.driver.conf.Rule.NOT_NEGATIVE;
import static org.murmuration.driver.conf.Rule.POSITIVE;
import static org.murmuration.driver.conf.ValueTypes.flag;
import static org.murmuration.driver.conf.ValueTypes.integer;
import static org.murmuration.driver.conf.ValueTypes.listOf;
import static org.murmuration.driver.conf.ValueTypes.number;
import static org.murmuration.driver.conf.ValueTypes.oneOf;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;

/** The types of layers, each of which reads its own keys. */
final class LayerParser {
  private static final Rule ANY = new Rule("a number", number -> true);
  private static final String DATA = "data";
  private static final String EXAMPLE = "{ type = dense, units = 10 }";

  private static final SortedMap<String, Function<Section, LayerSpec>> TYPES =
      new TreeMap<>(
          Map.ofEntries(
              type("activation", LayerParser::activation),
              type("avg-pool", layer -> pool(layer, PoolKind.AVERAGE)),
              type("batch-norm", LayerParser::batchNorm),
              type("channel-affine", LayerParser::channelAffine),
              type("color-transform", LayerParser::colorTransform),
              type("conv", LayerParser::conv),
              type("dense", LayerParser::dense),
              type("dropout", LayerParser::dropout),
              type("gabor-conv", LayerParser::gaborConv),
              type("gabor-waves", LayerParser::gaborWaves),
              type("global-avg-pool", layer -> new LayerSpec.GlobalAveragePool()),
              type("learned-augment", LayerParser::learnedAugment),
              type("learned-resize", LayerParser::learnedResize),
              type("max-pool", layer -> pool(layer, PoolKind.MAX)),
              type("normalize", LayerParser::normalize),
              type("resize", LayerParser::resize),
              type("scale", LayerParser::scale),
              type("tone-curve", LayerParser::toneCurve),
              type("whiten", LayerParser::whiten)));

  private LayerParser() {}

  private static Map.Entry<String, Function<Section, LayerSpec>> type(
      String name, Function<Section, LayerSpec> read) {
    return Map.entry(name, read);
  }

  /** A reader of layers. */
  static TypedList<LayerSpec> reader(Problems problems) {
    return new TypedList<>("layer", EXAMPLE, TYPES, problems);
  }

  private static LayerSpec activation(Section layer) {
    return new LayerSpec.Activation(layer.read("kind", oneOf(ActivationKind.class)));
  }

  private static LayerSpec batchNorm(Section layer) {
    return new LayerSpec.BatchNorm(
        layer.read("epsilon", number(POSITIVE), 1e-5),
        layer.read("decay", number(FRACTION_BELOW_ONE), 0.9));
  }

  private static LayerSpec channelAffine(Section layer) {
    return new LayerSpec.ChannelAffine(learning(layer, 1));
  }

  private static LayerSpec colorTransform(Section layer) {
    return new LayerSpec.ColorTransform(learning(layer, 1));
  }

  private static LayerSpec.Learning learning(Section layer, double rateFactor) {
    return new LayerSpec.Learning(
        rateFactor(layer, rateFactor), layer.read("weight-decay", number(NOT_NEGATIVE), 0.0));
  }

  private static double rateFactor(Section layer, double usual) {
    return layer.read("learning-rate-factor", number(NOT_NEGATIVE), usual);
  }

  private static LayerSpec whiten(Section layer) {
    var how =
        new LayerSpec.Whitening(
            layer.read("kind", oneOf(LayerSpec.WhiteningKind.class), "zca"),
            layer.read("epsilon", number(POSITIVE), 1e-5));
    return new LayerSpec.Whiten(how, learning(layer, 0), Optional.empty());
  }

  private static LayerSpec learnedAugment(Section layer) {
    Map<Change, Double> magnitudes = new EnumMap<>(Change.class);
    for (var change : Change.values()) {
      double magnitude = layer.read(word(change), number(NOT_NEGATIVE), 0.0);
      if (magnitude > 0) {
        magnitudes.put(change, magnitude);
      }
    }
    layer.require(
        !magnitudes.isEmpty(),
        "type",
        "type",
        Stream.of(Change.values())
            .map(LayerParser::word)
            .collect(joining(", ", "with at least one > 0 of ", "")));
    return new LayerSpec.LearnedAugment(
        magnitudes, rateFactor(layer, 1), layer.read("spread", number(NOT_NEGATIVE), 0.1));
  }

  private static String word(Change change) {
    return change.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static LayerSpec resize(Section layer) {
    return new LayerSpec.Resize(
        layer.read("height", integer(AT_LEAST_ONE)), layer.read("width", integer(AT_LEAST_ONE)));
  }

  private static LayerSpec learnedResize(Section layer) {
    return new LayerSpec.LearnedResize(
        layer.read("height", integer(AT_LEAST_ONE)),
        layer.read("width", integer(AT_LEAST_ONE)),
        layer.read("filters", integer(AT_LEAST_ONE), 16),
        layer.read("blocks", integer(NOT_NEGATIVE), 1),
        rateFactor(layer, 1));
  }

  private static LayerSpec gaborConv(Section layer) {
    return new LayerSpec.StatedConv(conv(layer), LayerSpec.Start.GABOR, rateFactor(layer, 1));
  }

  private static LayerSpec gaborWaves(Section layer) {
    return new LayerSpec.GaborWaves(conv(layer, true), learning(layer, 1));
  }

  private static LayerSpec.Conv conv(Section layer) {
    return conv(layer, layer.read("bias", flag(), true));
  }

  private static LayerSpec.Conv conv(Section layer, boolean bias) {
    int filters = layer.read("filters", integer(AT_LEAST_ONE));
    int kernel = layer.read("kernel", integer(AT_LEAST_ONE));
    int stride = layer.read("stride", integer(AT_LEAST_ONE), 1);
    Optional<Integer> padding = layer.read("padding", integer(NOT_NEGATIVE).orWord("same"), 0);
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
    Optional<List<Double>> stated = layer.read("mean", listOf(number(ANY)).orWord(DATA));
    Optional<List<Double>> divisors = layer.read("std", listOf(number(POSITIVE)).orWord(DATA));
    layer.require(
        stated.isPresent() == divisors.isPresent(),
        "std",
        "mean",
        stated.isPresent() ? "a list, as mean is" : "data, as mean is");
    if (stated.isEmpty() || divisors.isEmpty()) {
      return new LayerSpec.NormalizeByData();
    }
    List<Double> mean = stated.get();
    List<Double> std = divisors.get();
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

  private static LayerSpec toneCurve(Section layer) {
    double from = layer.read("from", number(ANY), -1.0);
    double to = layer.read("to", number(ANY), 1.0);
    layer.require(from < to, "to", "from", "> from (%s)".formatted(from));
    return new LayerSpec.ToneCurve(
        layer.read("knots", integer(AT_LEAST_ONE), 8), from, to, learning(layer, 1));
  }

  private static LayerSpec scale(Section layer) {
    return new LayerSpec.Scale(layer.read("divisor", number(POSITIVE)));
  }

  private static ActivationKind activationOf(Section layer) {
    return layer.read("activation", oneOf(ActivationKind.class), "identity");
  }
}
