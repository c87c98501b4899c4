package org.murmuration.worker.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.helper.Helpers;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.model.ParameterInit;
import org.murmuration.worker.model.ScheduleSpec;

/** Networks for CIFAR images, and the optimizers that train them. */
final class Nets {
  static final NetworkSpec.Init INIT = NetworkSpec.Init.PYTORCH;
  static final LayerSpec BATCH_NORM = new LayerSpec.BatchNorm(1e-5, 0.9);
  static final LayerSpec DROPOUT = new LayerSpec.Dropout(0.5);

  private static final LayerSpec NORMALIZE =
      new LayerSpec.Normalize(List.of(127.5), List.of(127.5));
  private static final int TOTAL_STEPS = 100;
  private static final long INIT_SEED = 11;

  private Nets() {}

  /** The reference network of the zoo. */
  static NetworkSpec cifarNet() {
    return new NetworkSpec(
        List.of(NORMALIZE), Optional.of("cifar-net"), List.of(), SampleData.CLASSES, INIT);
  }

  /** A small convolution, pooling, the given layers, and a dense layer. */
  static NetworkSpec small(LayerSpec... layers) {
    List<LayerSpec> all = new ArrayList<>();
    all.add(new LayerSpec.Conv(4, 5, 2, 0, false, true, ActivationKind.RELU));
    all.add(new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0));
    all.addAll(List.of(layers));
    all.add(new LayerSpec.Dense(16, true, ActivationKind.TANH));
    return new NetworkSpec(List.of(NORMALIZE), Optional.empty(), all, SampleData.CLASSES, INIT);
  }

  static OptimizerSpec optimizer(Kind kind, double learningRate, double weightDecay) {
    return new OptimizerSpec(
        kind,
        learningRate,
        0.9,
        0.9,
        0.999,
        1e-8,
        weightDecay,
        1,
        new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0));
  }

  static OptimizerSpec momentum(double learningRate) {
    return optimizer(Kind.MOMENTUM, learningRate, 0);
  }

  static ComputationGraphConfiguration configuration(NetworkSpec network, OptimizerSpec optimizer) {
    return NetworkBuilder.build(network, optimizer, SampleData.SHAPE, TOTAL_STEPS, 1);
  }

  /** A graph whose parameters start alike in every call, and which computes as a replica's does. */
  static ComputationGraph graph(ComputationGraphConfiguration configuration) {
    var graph = new ComputationGraph(configuration.clone());
    graph.init();
    Helpers.install(graph);
    ParameterInit.apply(graph, INIT, INIT_SEED);
    return graph;
  }
}
