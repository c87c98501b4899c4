package org.murmuration.worker.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.murmuration.worker.model.LayerConverter.Converted;
import org.murmuration.worker.model.LayerConverter.Memory;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adds layers to a DL4J graph one after the other, naming them and following the sizes. */
final class GraphAssembler {

  /**
   * A point in the graph from which to go on.
   *
   * @param name the vertex
   * @param shape the size of its output
   * @param callersArray whether its output may be the very array that the caller passed in
   */
  record Point(String name, FeatureShape shape, boolean callersArray) {}

  private static final String OUTPUT = "output";

  private final GraphBuilder graph;
  private final List<Regularization> weightDecay;
  private final DoubleFunction<IUpdater> updaters;
  private final Map<String, Integer> counters = new HashMap<>();
  private Point current;
  private double rateFactor = 1;

  /**
   * @param weightDecay what every layer does to its weights beside the gradient
   * @param updaters of parameters whose learning rate is the job's times a factor
   */
  GraphAssembler(
      GraphBuilder graph,
      String inputName,
      InputShape input,
      List<Regularization> weightDecay,
      DoubleFunction<IUpdater> updaters) {
    this.graph = graph;
    this.weightDecay = weightDecay;
    this.updaters = updaters;
    this.current =
        new Point(
            inputName, FeatureShape.image(input.channels(), input.height(), input.width()), true);
  }

  /** The point where the next layer goes. */
  Point here() {
    return current;
  }

  /** Lets the next layer read from an earlier point, which begins a branch. */
  void goOnFrom(Point point) {
    current = point;
  }

  /**
   * Adds the layers of a list.
   *
   * @param list the name of the list, for messages
   * @throws IllegalArgumentException naming layer and place if one is impossible
   */
  void addAll(String list, List<LayerSpec> layers) {
    for (int i = 0; i < layers.size(); i++) {
      add("%s[%d]".formatted(list, i), layers.get(i));
    }
  }

  /** Adds one layer; {@code place} says in messages where it comes from. */
  void add(String place, LayerSpec spec) {
    LayerSite site = new LayerSite(nextName(spec.typeName()), place, current.shape());
    spec.accept(new LayerConverter(site, weightDecay, updaters)).to(this);
  }

  /**
   * Adds DL4J's configuration of one layer.
   *
   * @throws IllegalArgumentException if it would overwrite the caller's images
   */
  void append(LayerSite site, Converted converted) {
    boolean callersArray = current.callersArray() && converted.memory() != Memory.COPIES;
    if (callersArray && converted.memory() == Memory.OVERWRITES) {
      throw site.refuse(
          "an activation cannot come first, because it would overwrite the caller's images; put"
              + " normalize, scale or another layer before it");
    }
    if (rateFactor != 1 && converted.layer() instanceof BaseLayer learning) {
      learning.setIUpdater(updaters.apply(rateFactor));
    }
    graph.addLayer(site.name(), converted.layer(), current.name());
    current = new Point(site.name(), converted.output(), callersArray);
  }

  /** Layers that are added from now on learn at the optimizer's learning rate times a factor. */
  void learnAt(double factor) {
    rateFactor = factor;
  }

  /** Adds the element-wise sum of the current point and another of the same size. */
  void sumWith(Point other) {
    String name = nextName("sum");
    graph.addVertex(
        name, new ElementWiseVertex(ElementWiseVertex.Op.Add), current.name(), other.name());
    current = new Point(name, current.shape(), false);
  }

  /** Ends the graph with a dense layer, softmax and cross-entropy over the classes. */
  void output(int classes) {
    graph.addLayer(
        OUTPUT,
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(classes)
            .activation(Activation.SOFTMAX)
            .regularization(weightDecay)
            .build(),
        current.name());
    graph.setOutputs(OUTPUT);
  }

  private String nextName(String type) {
    return type + counters.merge(type, 1, Integer::sum);
  }
}
