package org.murmuration.worker.model;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Short ways to specifications and data for the tests of this package. */
final class Networks {
  static final InputShape CIFAR = new InputShape(3, 32, 32);
  static final LayerSpec CIFAR_NORMALIZE =
      new LayerSpec.Normalize(
          List.of(125.307, 122.95, 113.865), List.of(62.9932, 62.0887, 66.7048));

  private Networks() {}

  static NetworkSpec zoo(String name, LayerSpec... preprocessing) {
    return new NetworkSpec(
        List.of(preprocessing), Optional.of(name), List.of(), 10, NetworkSpec.Init.PYTORCH);
  }

  static NetworkSpec layers(int classes, LayerSpec... layers) {
    return new NetworkSpec(
        List.of(), Optional.empty(), List.of(layers), classes, NetworkSpec.Init.PYTORCH);
  }

  static LayerSpec.Conv conv(int filters, int kernel, int stride, int padding) {
    return new LayerSpec.Conv(
        filters, kernel, stride, padding, false, true, ActivationKind.IDENTITY);
  }

  static LayerSpec.Dense dense(int units) {
    return new LayerSpec.Dense(units, true, ActivationKind.TANH);
  }

  static OptimizerSpec optimizer(OptimizerSpec.Kind kind, double rate, double weightDecay) {
    return optimizer(kind, rate, weightDecay, constant());
  }

  static OptimizerSpec optimizer(
      OptimizerSpec.Kind kind, double rate, double weightDecay, ScheduleSpec schedule) {
    return new OptimizerSpec(kind, rate, 0.9, 0.9, 0.999, 1e-8, weightDecay, 0.001, schedule);
  }

  static ScheduleSpec constant() {
    return new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0);
  }

  static OptimizerSpec sgd() {
    return optimizer(OptimizerSpec.Kind.SGD, 0.1, 0);
  }

  static ComputationGraphConfiguration configuration(NetworkSpec network, InputShape input) {
    return NetworkBuilder.build(network, sgd(), input, 100, 1);
  }

  static ComputationGraph graph(ComputationGraphConfiguration configuration) {
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    return graph;
  }

  static ComputationGraph graph(NetworkSpec network, InputShape input) {
    return graph(configuration(network, input));
  }

  /** Whole pixels 0..255, [samples, channels, height, width]. */
  static INDArray pixels(int samples, InputShape shape, long seed) {
    Random random = new Random(seed);
    float[] values = new float[samples * shape.channels() * shape.height() * shape.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(256);
    }
    return Nd4j.createFromArray(values)
        .reshape('c', samples, shape.channels(), shape.height(), shape.width());
  }

  /** One-hot rows, [samples, classes]. */
  static INDArray labels(int samples, int classes) {
    INDArray labels = Nd4j.zeros(samples, classes);
    for (int i = 0; i < samples; i++) {
      labels.putScalar(i, i % classes, 1);
    }
    return labels;
  }
}
