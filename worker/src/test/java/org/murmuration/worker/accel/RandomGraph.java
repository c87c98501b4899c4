package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A valid network and a batch for it, both made of one seed: images go through layers and branches
 * that are joined again, and end in one or two losses.
 */
final class RandomGraph {
  private static final int MOST_STEPS = 5;
  private static final int MOST_BRANCHES = 3;
  private static final int MOST_SAMPLES = 5;

  /** A normalisation of fewer numbers than these may divide by nearly nothing. */
  private static final long FEWEST_TO_NORMALIZE = 12;

  /** Something that can be read on. */
  private record Wire(String name, InputType type) {
    InputTypeConvolutional image() {
      return (InputTypeConvolutional) type;
    }
  }

  private final Random random;
  private final RandomLayers layers;
  private final GraphBuilder builder = SampleNetworks.start();
  private final int samples;
  private final List<String> outputs = new ArrayList<>();
  private final List<INDArray> labels = new ArrayList<>();
  private final SampleBatches batches;
  private final InputTypeConvolutional input;
  private final Set<String> read = new HashSet<>();
  private int count;

  RandomGraph(long seed) {
    random = new Random(seed);
    batches = new SampleBatches(seed);
    layers = new RandomLayers(random);
    samples = between(1, MOST_SAMPLES);
    input =
        (InputTypeConvolutional)
            InputType.convolutional(between(5, 10), between(5, 10), between(1, 4));
    builder.addInputs("image").setInputTypes(input);
    var wire = new Wire("image", input);
    int steps = between(1, MOST_STEPS);
    for (int i = 0; i < steps; i++) {
      wire = random.nextInt(3) == 0 ? branches(wire) : layer(wire);
      if (i == 0 && random.nextInt(3) == 0) {
        end(wire);
      }
    }
    end(wire);
    builder.setOutputs(outputs.toArray(String[]::new));
  }

  ComputationGraphConfiguration configuration() {
    return builder.build();
  }

  MultiDataSet batch() {
    var features =
        batches.normal(samples, input.getChannels(), input.getHeight(), input.getWidth());
    return new MultiDataSet(new INDArray[] {features}, labels.toArray(INDArray[]::new));
  }

  /** Any layer; one that is too large for the image is drawn again. */
  private Wire layer(Wire wire) {
    return add(wire, fitting(wire, () -> layers.any(wire.image(), canNormalize(wire))));
  }

  private Wire sameSize(Wire wire) {
    return add(wire, fitting(wire, () -> layers.ofSameSize(wire.image(), canNormalize(wire))));
  }

  private Layer fitting(Wire wire, Supplier<Layer> draw) {
    while (true) {
      var layer = draw.get();
      if (RandomLayers.fits(layer, wire.type)
          && !(read.contains(wire.name) && RandomLayers.writesOverItsInput(layer))) {
        return layer;
      }
    }
  }

  private boolean canNormalize(Wire wire) {
    var image = wire.image();
    return samples * image.getHeight() * image.getWidth() >= FEWEST_TO_NORMALIZE;
  }

  private Wire branches(Wire wire) {
    var op = pick(List.of(Op.Add, Op.Average, Op.Subtract, Op.Product, Op.Max));
    boolean merge = random.nextInt(3) == 0;
    boolean two = !merge && (op == Op.Subtract || (op == Op.Product && random.nextBoolean()));
    int branches = two ? 2 : between(2, MOST_BRANCHES);
    int channels = between(1, 20);
    read.add(wire.name);
    List<Wire> ends = new ArrayList<>();
    for (int i = 0; i < branches; i++) {
      var end = random.nextInt(4) == 0 ? wire : sameSize(wire);
      ends.add(merge ? end : add(end, SampleNetworks.conv(channels, 1, layers.activation())));
    }
    var joined = vertex(merge ? new MergeVertex() : new ElementWiseVertex(op), ends);
    return random.nextInt(4) == 0 ? vertex(new ScaleVertex(0.7), List.of(joined)) : joined;
  }

  private void end(Wire wire) {
    switch (random.nextInt(4)) {
      case 0 -> pixels(wire, LossFunction.MCXENT, Activation.SOFTMAX);
      case 1 -> pixels(wire, LossFunction.XENT, Activation.SIGMOID);
      case 2 -> rows(pooled(wire));
      default -> rows(wire);
    }
  }

  /** A sum is as large as the image; what comes after it is not made for that. */
  private Wire pooled(Wire wire) {
    var pooling = layers.pooling();
    var pooled = add(wire, new GlobalPoolingLayer(pooling));
    var image = wire.image();
    return pooling == PoolingType.SUM
        ? vertex(new ScaleVertex(1.0 / (image.getHeight() * image.getWidth())), List.of(pooled))
        : pooled;
  }

  private void pixels(Wire wire, LossFunction loss, Activation activation) {
    int classes = between(2, 4);
    var logits = add(wire, SampleNetworks.conv(classes, 1, Activation.IDENTITY));
    outputs.add(add(logits, new CnnLossLayer.Builder(loss).activation(activation).build()).name);
    var image = wire.image();
    labels.add(batches.pixels(samples, classes, image.getHeight(), image.getWidth()));
  }

  private void rows(Wire from) {
    var wire = new Wire(from.name, InputType.feedForward(from.type.arrayElementsPerExample()));
    int units = between(2, 17);
    var rows =
        random.nextBoolean()
            ? add(
                wire,
                new DenseLayer.Builder()
                    .nOut(units)
                    .hasBias(random.nextBoolean())
                    .activation(layers.activation())
                    .build())
            : wire;
    int classes = between(2, 6);
    boolean softmax = random.nextBoolean();
    outputs.add(
        add(
                rows,
                new OutputLayer.Builder(softmax ? LossFunction.MCXENT : LossFunction.MSE)
                    .nOut(classes)
                    .activation(softmax ? Activation.SOFTMAX : Activation.IDENTITY)
                    .build())
            .name);
    labels.add(softmax ? batches.classes(samples, classes) : batches.normal(samples, classes));
  }

  private Wire add(Wire from, Layer layer) {
    read.add(from.name);
    var name = name(layer.getClass());
    layer.setNIn(from.type, true);
    builder.addLayer(name, layer, from.name);
    return new Wire(name, layer.getOutputType(count, from.type));
  }

  private Wire vertex(GraphVertex vertex, List<Wire> from) {
    var name = name(vertex.getClass());
    builder.addVertex(name, vertex, from.stream().map(Wire::name).toArray(String[]::new));
    return new Wire(
        name, vertex.getOutputType(count, from.stream().map(Wire::type).toArray(InputType[]::new)));
  }

  private String name(Class<?> kind) {
    count++;
    return kind.getSimpleName() + count;
  }

  private int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
