package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Takes a batch in parts, one after the other, and adds up their gradients: activations take the
 * memory of a part, the gradient is that of the whole. What DL4J doesn't divide by the batch size,
 * the steps of running statistics, becomes the mean that the samples weigh; batch normalisation
 * sees a part at a time.
 */
final class AccumulatingComputation implements Computation {
  private final Computation computation;
  private final int parts;
  private final INDArray gradient;
  private final INDArray sum;
  private final UndividedGradients undivided;
  private final List<SampleLosses> told = new ArrayList<>();

  /**
   * @param computation of the graph
   * @param parts how many parts a batch is taken in, fewer where it has fewer samples
   */
  AccumulatingComputation(ComputationGraph graph, Computation computation, int parts) {
    this.computation = computation;
    this.parts = parts;
    this.gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    this.sum = Nd4j.create(DataType.FLOAT, graph.numParams()).detach();
    this.undivided = new UndividedGradients(graph);
  }

  @Override
  public void moveTo(int epoch, int iteration, long seed) {
    computation.moveTo(epoch, iteration, seed);
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    long samples = batch.getFeatures(0).size(0);
    var bounds = BatchRows.bounds(samples, parts);
    int last = bounds.length - 2;
    double loss = 0;
    sum.assign(0);
    told.clear();
    for (int i = 0; i <= last; i++) {
      var isLast = i == last;
      double weight = (double) (bounds[i + 1] - bounds[i]) / samples;
      loss +=
          computation.computeGradient(
              BatchRows.of(batch, bounds[i], bounds[i + 1]),
              (offset, length) -> {
                undivided.scale(offset, length, weight);
                if (isLast) {
                  slice(gradient, offset, length).addi(slice(sum, offset, length));
                  listener.ready(offset, length);
                } else {
                  slice(sum, offset, length).addi(slice(gradient, offset, length));
                }
              });
      told.add(computation.sampleLosses().copy());
    }
    return loss;
  }

  private static INDArray slice(INDArray vector, long offset, long length) {
    return vector.get(NDArrayIndex.interval(offset, offset + length));
  }

  @Override
  public SampleLosses sampleLosses() {
    return SampleLosses.joined(told);
  }

  @Override
  public INDArray[] output(INDArray... features) {
    return computation.output(features);
  }

  @Override
  public ComputationInfo info() {
    return computation.info();
  }

  @Override
  public void close() {
    computation.close();
    sum.close();
  }
}
