package org.murmuration.worker.training;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.helper.Helpers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * This rank's copy of the network. DL4J computes; this class splits its training step in two, so
 * that the gradient can be averaged between them.
 *
 * <p>DL4J's gradient is a sum over the minibatch, and it divides by the minibatch size when it
 * updates. So the ranks' gradients are simply added, and the division is by the size of the global
 * batch: ranks with more samples weigh more, ranks without samples weigh nothing, and P ranks of
 * batch b equal one rank of batch P b. The running statistics of batch normalisation are the
 * exception: they sit in the same vector as steps that DL4J doesn't divide. They are weighted by
 * the rank's samples before the sum and divided after it.
 */
public final class Replica {

  /** A part of the flat vector that DL4J doesn't divide by the batch size. */
  private record Slice(long from, long to) {}

  private final ComputationGraph graph;
  private final INDArray gradient;
  private final Gradient perParameter;
  private final List<INDArray> undividedGradients;

  /**
   * @param graph an initialised network
   * @throws TrainingException when its parameters are not fp32
   */
  public Replica(ComputationGraph graph) {
    if (graph.params().dataType() != DataType.FLOAT) {
      throw new TrainingException(
          "the network's data type is "
              + graph.params().dataType()
              + ", must be FLOAT: gradients are averaged in fp32; build it with dataType(FLOAT)");
    }
    Helpers.install(graph);
    graph.initGradientsView();
    this.graph = graph;
    this.gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    this.perParameter = perParameter(graph);
    this.undividedGradients =
        undividedSlices(graph).stream()
            .map(s -> gradient.get(NDArrayIndex.interval(s.from, s.to)))
            .toList();
  }

  /** A replica of a network with freshly made parameters, from DL4J's JSON. */
  public static Replica fromJson(String configuration) {
    var graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
    graph.init();
    return new Replica(graph);
  }

  /** The network itself. */
  public ComputationGraph graph() {
    return graph;
  }

  /**
   * Forward and backward; fills the gradient vector with the sum over the batch.
   *
   * @param count the number of samples in the batch
   * @return the sum of the samples' losses, regularisation included
   */
  public double computeGradient(MultiDataSet batch, int count) {
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    graph.computeGradientAndScore();
    graph.clearLayerMaskArrays();
    undividedGradients.forEach(slice -> slice.muli(count));
    return graph.score() * count;
  }

  /** What a rank without samples contributes. */
  public void zeroGradient() {
    gradient.assign(0);
  }

  /** The flat gradient vector, to be read and written in place. */
  public UnsafeBuffer gradient() {
    return new UnsafeBuffer(gradient.data().asNio().order(ByteOrder.nativeOrder()));
  }

  /**
   * One step of the optimizer with the gradient vector as it stands.
   *
   * @param globalCount the samples whose gradients are in the sum
   */
  public void update(int globalCount) {
    undividedGradients.forEach(slice -> slice.divi(globalCount));
    graph
        .getUpdater()
        .update(perParameter, iteration(), epoch(), globalCount, LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(gradient.reshape(graph.params().shape()));
    graph.applyConstraints(iteration(), epoch());
  }

  /**
   * Says which step comes next: learning-rate schedules go by it, and dropout's masks are drawn
   * from the seed, so that they depend on the position in the job and not on what ran before.
   */
  public void moveTo(int epoch, int iteration, long seed) {
    Nd4j.getRandom().setSeed(seed);
    completed(epoch, iteration);
  }

  /** Says how much is done: what a state, a checkpoint or a saved model says of itself. */
  public void completed(int epochs, int iterations) {
    graph.getConfiguration().setEpochCount(epochs);
    graph.getConfiguration().setIterationCount(iterations);
  }

  /** Steps done, or the one that is under way. */
  public int iteration() {
    return graph.getConfiguration().getIterationCount();
  }

  /** A copy of everything that training changes. */
  public ModelState state() {
    return new ModelState(epoch(), iteration(), copy(graph.params()), copy(updaterState()));
  }

  /**
   * Takes over a state, from a checkpoint or another network of the same configuration.
   *
   * @throws TrainingException when it is of another length
   */
  public void restore(ModelState state) {
    var own = updaterState();
    requireLength("parameters", state.parameters().remaining(), graph.numParams());
    requireLength(
        "optimizer state values", state.updaterState().remaining(), own == null ? 0 : own.length());
    floats(graph.params()).put(state.parameters().duplicate());
    if (own != null) {
      floats(own).put(state.updaterState().duplicate());
    }
    completed(state.epoch(), state.iteration());
  }

  /** Whether every parameter is a finite number. */
  public boolean hasFiniteParameters() {
    return allFinite(floats(graph.params()));
  }

  /** Whether every value of the gradient vector is a finite number. */
  public boolean hasFiniteGradient() {
    return allFinite(floats(gradient));
  }

  /** SHA-256 of the parameter vector's bytes, the first 16 hexadecimal digits. */
  public String checksum() {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(graph.params().data().asNio());
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }

  private int epoch() {
    return graph.getConfiguration().getEpochCount();
  }

  private INDArray updaterState() {
    return graph.getUpdater().getStateViewArray();
  }

  private static FloatBuffer floats(INDArray array) {
    return array.data().asNio().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static boolean allFinite(FloatBuffer values) {
    while (values.hasRemaining()) {
      if (!Float.isFinite(values.get())) {
        return false;
      }
    }
    return true;
  }

  private static FloatBuffer copy(INDArray array) {
    if (array == null) {
      return FloatBuffer.allocate(0);
    }
    var copy = FloatBuffer.allocate((int) array.length());
    return copy.put(floats(array)).flip();
  }

  private static void requireLength(String what, int given, long own) {
    if (given != own) {
      throw new TrainingException(
          "the saved state has "
              + given
              + " "
              + what
              + ", this network has "
              + own
              + ": it belongs to another network");
    }
  }

  /**
   * The views of the flat gradient by parameter. DL4J makes the like during backward, but a rank
   * that never has a sample never runs backward, and updates all the same.
   */
  private static Gradient perParameter(ComputationGraph graph) {
    var gradient = new DefaultGradient(graph.getFlattenedGradients());
    for (var layer : graph.getLayers()) {
      if (layer.numParams() > 0) {
        var conf = layer.conf();
        conf.getLayer()
            .initializer()
            .getGradientsFromFlattened(conf, layer.getGradientsViewArray())
            .forEach(
                (name, view) ->
                    gradient.setGradientFor(conf.getLayer().getLayerName() + "_" + name, view));
      }
    }
    return gradient;
  }

  private static List<Slice> undividedSlices(ComputationGraph graph) {
    List<Slice> slices = new ArrayList<>();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      Trainable vertex = graph.getVertices()[index];
      if (vertex.numParams() == 0) {
        continue;
      }
      for (var entry : vertex.paramTable(false).entrySet()) {
        var end = offset + entry.getValue().length();
        if (!vertex.updaterDivideByMinibatch(entry.getKey())) {
          slices.add(new Slice(offset, end));
        }
        offset = end;
      }
    }
    return slices;
  }
}
