package org.murmuration.driver.job;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.Computations;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.model.NetworkBuilder;

/** {@code describe}: what a job would do, without doing it. */
public final class Description {
  private final JobConf conf;
  private final Configuration hadoop;

  /** The description of a job. */
  public Description(JobConf conf, Configuration hadoop) {
    this.conf = conf;
    this.hadoop = hadoop;
  }

  /**
   * The settings with their origins, and the layers with parameters, output shapes and where each
   * runs: compiled for the processor, or in DL4J and why.
   *
   * @throws IOException when the data isn't there, or doesn't tell how many classes there are
   */
  public String text() throws IOException {
    var data = DataLocator.foresee(conf.data(), hadoop);
    var shape = data.transform().shape();
    var classes =
        DataLocator.classes(conf.data(), data, hadoop)
            .orElseThrow(
                () ->
                    new BadDataException(
                        "how many classes there are is only known once the data is read; state them in data.classes to have the network described"));
    // The number of images changes nothing that is shown.
    var network = NetworkPlan.ofAnyLength(conf, shape, classes);
    return "settings\n"
        + conf.render().indent(2)
        + "\nnetwork\n"
        + layers(network, shape).indent(2)
        + "\nmemory of a rank\n"
        + memory(network, shape, classes).indent(2);
  }

  /** What the network takes; the images of a rank are limited by settings of their own. */
  private String memory(ComputationGraphConfiguration network, ImageShape shape, int classes) {
    int ranks = conf.train().ranks().least().orElse(1);
    var need = RankNeed.of(conf, network, shape, classes, ranks);
    var taken = need.network();
    return row("parameters", taken.parameters())
        + row("gradients", taken.gradients())
        + row("optimizer", taken.optimizerState())
        + (need.meanOfWeights() > 0 ? row("mean of weights", need.meanOfWeights()) : "")
        + need.together()
            .map(
                together ->
                    row("activations", taken.activations().orElseThrow())
                        + row("together", together))
            .orElse("activations      not foreseen: DL4J computes this network%n".formatted())
        + "for %d images a step and rank (ranks: %d), %s; the images themselves take up to %s more%n"
            .formatted(
                need.imagesPerStep(),
                ranks,
                kept(conf.train().computation()),
                mebibytes(need.images()));
  }

  private static String kept(ComputationSettings settings) {
    return settings.segments() == ComputationSettings.WHOLE
        ? "all activations kept"
        : "activations computed again";
  }

  private static String row(String what, long bytes) {
    return String.format("%-16s %12s%n", what, mebibytes(bytes));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1 << 20));
  }

  private static String layers(ComputationGraphConfiguration network, ImageShape shape) {
    var input = InputType.convolutional(shape.height(), shape.width(), shape.channels());
    var types = network.getLayerActivationTypes(input);
    var text = new StringBuilder();
    var places = places(network, shape);
    text.append(row("name", "kind", "inputs", "output", "parameters", "runs"));
    long total = 0;
    text.append(row(NetworkBuilder.INPUT, "input", "", shapeOf(input), "0", ""));
    // The builder adds a vertex after those that it reads, so this order is topological.
    for (var entry : network.getVertices().entrySet()) {
      var name = entry.getKey();
      var vertex = entry.getValue();
      var parameters = vertex.numParams(false);
      total += parameters;
      text.append(
          row(
              name,
              kind(vertex),
              String.join(", ", network.getVertexInputs().get(name)),
              shapeOf(types.get(name)),
              String.format(Locale.ROOT, "%,d", parameters),
              places.get(name)));
    }
    return text + String.format(Locale.ROOT, "%,d parameters%n", total);
  }

  private static String row(
      String name, String kind, String inputs, String output, String parameters, String runs) {
    return String.format(
        "%-14s %-22s %-24s %-16s %12s  %s%n", name, kind, inputs, output, parameters, runs);
  }

  /** Where each layer runs on a processor like this one, by name. */
  private static Map<String, String> places(
      ComputationGraphConfiguration network, ImageShape shape) {
    var graph = new ComputationGraph(network);
    graph.init();
    var image = new long[] {1, shape.channels(), shape.height(), shape.width()};
    return Computations.placements(graph, List.of(image)).stream()
        .collect(
            Collectors.toMap(
                Placement::layer,
                place -> place.compiled() ? "compiled" : "in DL4J: " + place.reason()));
  }

  private static String kind(GraphVertex vertex) {
    return vertex instanceof LayerVertex layer
        ? layer.getLayerConf().getLayer().getClass().getSimpleName()
        : vertex.getClass().getSimpleName();
  }

  private static String shapeOf(InputType type) {
    var shape = type.getShape();
    var text = new StringBuilder();
    for (long size : shape) {
      text.append(text.isEmpty() ? "" : " x ").append(size);
    }
    return text.toString();
  }
}
