package org.murmuration.worker.bench;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.ScheduleSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Networks and batches as DL4J wants them. */
final class Dl4jGraphs {
  private static final int TOTAL_STEPS = 1_000_000;
  private static final long SEED = 1;

  private Dl4jGraphs() {}

  /** The network that a cell trains, with the optimizer of all cells. */
  static ComputationGraphConfiguration configuration(Cell cell) {
    var optimizer =
        new OptimizerSpec(
            OptimizerSpec.Kind.MOMENTUM,
            Optimizer.LEARNING_RATE,
            Optimizer.MOMENTUM,
            0.9,
            0.999,
            1e-8,
            0,
            1,
            new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0));
    return NetworkBuilder.build(
        cell.workload().specification(), optimizer, cell.workload().input(), TOTAL_STEPS, SEED);
  }

  /** Puts the same weights into a network that every contender begins with. */
  static void fill(ComputationGraph graph) {
    for (var layer : graph.getLayers()) {
      var weights = layer.paramTable().get("W");
      if (weights != null) {
        weights.assign(weights.rank() == 2 ? dense(weights) : convolution(weights));
      }
    }
  }

  /** The batch of a cell, with labels as one-hot rows. */
  static MultiDataSet batch(Cell cell) {
    var image = cell.workload().input();
    var images =
        Nd4j.createFromArray(Synthetic.images(cell.pixels()))
            .reshape(cell.batch(), image.channels(), image.height(), image.width());
    var labels = Nd4j.zeros(DataType.FLOAT, cell.batch(), Workload.CLASSES);
    var classes = Synthetic.labels(cell.batch());
    for (int i = 0; i < classes.length; i++) {
      labels.putScalar(i, classes[i], 1);
    }
    return new MultiDataSet(images, labels);
  }

  /** The parameters that are divided by the batch and updated: all but running statistics. */
  static long trainedParameters(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .flatMap(
            layer ->
                layer.paramTable().entrySet().stream()
                    .filter(entry -> layer.updaterDivideByMinibatch(entry.getKey()))
                    .map(entry -> entry.getValue().length()))
        .mapToLong(Long::longValue)
        .sum();
  }

  /** DL4J's dense weights are [in, out]. */
  private static INDArray dense(INDArray weights) {
    int in = (int) weights.size(0);
    int out = (int) weights.size(1);
    return Nd4j.createFromArray(Synthetic.weights(out, in)).reshape(out, in).transpose();
  }

  private static INDArray convolution(INDArray weights) {
    int out = (int) weights.size(0);
    int fanIn = (int) (weights.length() / out);
    return Nd4j.createFromArray(Synthetic.weights(out, fanIn)).reshape(weights.shape());
  }
}
