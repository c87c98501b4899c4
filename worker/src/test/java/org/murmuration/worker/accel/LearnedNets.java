package org.murmuration.worker.accel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.ParameterInit;
import org.murmuration.worker.model.ScheduleSpec;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Small networks behind preprocessing that learns, and a batch for them. */
final class LearnedNets {
  static final int SIDE = 8;
  static final int CLASSES = 3;
  static final LayerSpec NORMALIZE =
      new LayerSpec.Normalize(List.of(120.0, 110.0, 100.0), List.of(60.0, 65.0, 70.0));

  private LearnedNets() {}

  static LayerSpec augment(double spread) {
    return new LayerSpec.LearnedAugment(
        Map.of(Change.BRIGHTNESS, 0.5, Change.ROTATION, 0.2), 1, spread);
  }

  static ComputationGraph graph(LayerSpec... preprocessing) {
    return graph(OptimizerSpec.Kind.SGD, preprocessing);
  }

  static ComputationGraph graph(OptimizerSpec.Kind kind, LayerSpec... preprocessing) {
    var network =
        new NetworkSpec(
            List.of(preprocessing),
            Optional.empty(),
            List.of(
                new LayerSpec.Conv(4, 3, 1, 1, false, true, LayerSpec.ActivationKind.TANH),
                new LayerSpec.GlobalAveragePool()),
            CLASSES,
            NetworkSpec.Init.PYTORCH);
    var optimizer =
        new OptimizerSpec(
            kind,
            0.1,
            0.9,
            0.9,
            0.999,
            1e-8,
            0,
            1,
            new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0));
    var graph =
        new ComputationGraph(
            NetworkBuilder.build(network, optimizer, new InputShape(3, SIDE, SIDE), 10, 1));
    graph.init();
    ParameterInit.apply(graph, NetworkSpec.Init.PYTORCH, 9);
    return graph;
  }

  static MultiDataSet batch() {
    var random = new SampleBatches(4);
    return new MultiDataSet(random.bytes(6, 3, SIDE, SIDE), random.classes(6, CLASSES));
  }
}
