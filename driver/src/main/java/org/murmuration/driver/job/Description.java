package org.murmuration.driver.job;

import java.util.Locale;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.model.NetworkBuilder;

/** {@code describe}: what a job would do, without doing it. */
public final class Description {
  private final JobConf conf;

  /** The description of a job. */
  public Description(JobConf conf) {
    this.conf = conf;
  }

  /** The settings with their origins, and the layers with parameters and output shapes. */
  public String text() {
    var network = NetworkPlan.of(conf);
    return "settings\n" + conf.render().indent(2) + "\nnetwork\n" + layers(network).indent(2);
  }

  private static String layers(ComputationGraphConfiguration network) {
    var shape = Cifar10.SHAPE;
    var input = InputType.convolutional(shape.height(), shape.width(), shape.channels());
    var types = network.getLayerActivationTypes(input);
    var text = new StringBuilder();
    text.append(row("name", "kind", "inputs", "output", "parameters"));
    long total = 0;
    text.append(row(NetworkBuilder.INPUT, "input", "", shapeOf(input), "0"));
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
              String.format(Locale.ROOT, "%,d", parameters)));
    }
    return text + String.format(Locale.ROOT, "%,d parameters%n", total);
  }

  private static String row(
      String name, String kind, String inputs, String output, String parameters) {
    return String.format("%-14s %-22s %-24s %-16s %12s%n", name, kind, inputs, output, parameters);
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
