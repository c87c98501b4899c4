package org.murmuration.worker.model;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/** From the description of a network and its optimizer to DL4J's configuration of a graph. */
public final class NetworkBuilder {

  /** The name of the graph's only input. */
  public static final String INPUT = "image";

  private NetworkBuilder() {}

  /**
   * Builds a graph in single precision with the one input {@link #INPUT}, of shape [N, channels,
   * height, width], and the one output {@code output}, of shape [N, classes]: softmax with
   * cross-entropy. Layers are named by type and counter in order, preprocessing first: {@code
   * normalize1}, {@code conv1}, {@code pool1}. A graph made of it wants {@link ParameterInit} after
   * {@code init()}.
   *
   * @param totalSteps the steps of the whole job, for the learning rate's schedule
   * @param seed the seed of DL4J's own generator
   * @throws IllegalArgumentException if the description contradicts itself, a value is out of
   *     range, the zoo lacks the name, or a layer does not fit its input; the message names it
   */
  public static ComputationGraphConfiguration build(
      NetworkSpec network, OptimizerSpec optimizer, InputShape input, int totalSteps, long seed) {
    check(network);
    NeuralNetConfiguration.Builder common =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(DataType.FLOAT)
            .activation(Activation.IDENTITY)
            .weightInit(weightInit(network.init()))
            .updater(Optimizers.updater(optimizer, totalSteps));
    GraphBuilder graph =
        common
            .graphBuilder()
            .addInputs(INPUT)
            .setInputTypes(
                InputType.convolutional(input.height(), input.width(), input.channels()));
    GraphAssembler assembler =
        new GraphAssembler(
            graph,
            INPUT,
            input,
            Optimizers.weightDecay(optimizer),
            factor -> Optimizers.updater(optimizer, factor, totalSteps));
    assembler.addAll("preprocessing", network.preprocessing());
    network.zoo().ifPresent(name -> Zoo.append(name, assembler));
    assembler.addAll("layers", network.layers());
    assembler.output(network.classes());
    ComputationGraphConfiguration configuration = graph.build();
    recordParameters(configuration);
    return configuration;
  }

  /**
   * Writes the names of all parameters into the configuration, as {@code init()} does later.
   * Without them DL4J reads a batch normalisation back from JSON as one that keeps the logarithm of
   * the deviation, and a configuration that was sent elsewhere would differ from the one built
   * here.
   */
  private static void recordParameters(ComputationGraphConfiguration configuration) {
    for (GraphVertex vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layerVertex) {
        NeuralNetConfiguration conf = layerVertex.getLayerConf();
        conf.getLayer().initializer().paramKeys(conf.getLayer()).forEach(conf::addVariable);
      }
    }
  }

  private static void check(NetworkSpec network) {
    if (network.classes() < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, but classes=" + network.classes());
    }
    if (network.zoo().isPresent() && !network.layers().isEmpty()) {
      throw new IllegalArgumentException(
          "a network is of the zoo or a list of layers, but zoo=\"%s\" and %d layers; remove one"
              .formatted(network.zoo().get(), network.layers().size()));
    }
  }

  /**
   * DL4J's nearest, which {@link ParameterInit} replaces, so that the saved model tells the truth.
   */
  private static WeightInit weightInit(NetworkSpec.Init init) {
    return switch (init) {
      case PYTORCH -> WeightInit.UNIFORM;
      case XAVIER -> WeightInit.XAVIER;
      case HE -> WeightInit.RELU;
    };
  }
}
