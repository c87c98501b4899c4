package org.murmuration.worker.training;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.Computation;
import org.murmuration.worker.accel.ComputationInfo;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.Computations;
import org.murmuration.worker.accel.UndividedGradients;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.optimizer.OptimizerStep;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * This rank's copy of the network, whose training step is in two, so that the gradient can be
 * averaged between them.
 *
 * <p>DL4J's gradient is a sum over the minibatch, and it divides by the minibatch size when it
 * updates. So the ranks' gradients are simply added, and the division is by the size of the global
 * batch: ranks with more samples weigh more, ranks without samples weigh nothing, and P ranks of
 * batch b equal one rank of batch P b. The running statistics of batch normalisation are the
 * exception: they sit in the same vector as steps that DL4J doesn't divide. They are weighted by
 * the rank's samples before the sum and divided after it.
 */
public final class Replica implements AutoCloseable {

  private static final int WITHOUT_SIGN = Integer.MAX_VALUE;
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private static final int FINITE_CHUNK = 4096;

  private final ComputationGraph graph;
  private final INDArray gradient;
  private final UndividedGradients undivided;
  private final GradientClip clip;
  private final Computation computation;
  private final int threads;

  /** In an array, and one that stays in the nearest cache, the loop becomes one of vectors. */
  private final int[] chunk = new int[FINITE_CHUNK];

  private final Optional<Double> averageDecay;

  /** Made by the first update. */
  private WeightAverage average;

  /** Made by the first update: a network that is only evaluated needs no optimizer's state. */
  private OptimizerStep step;

  /** A replica that computes in single precision, as one. */
  public Replica(ComputationGraph graph) {
    this(graph, ComputationSettings.PLAIN);
  }

  /**
   * A replica in this thread.
   *
   * @param graph an initialised network
   * @throws TrainingException when its parameters are not fp32, or this machine can't compute as
   *     the settings say
   */
  public Replica(ComputationGraph graph, ComputationSettings settings) {
    this(graph, settings, 0);
  }

  /**
   * A replica in this thread that also keeps the mean of its parameters over the steps.
   *
   * @param averageDecay how much of the mean stays at each step, or 0 to keep none
   */
  public Replica(ComputationGraph graph, ComputationSettings settings, double averageDecay) {
    if (graph.params().dataType() != DataType.FLOAT) {
      throw new TrainingException(
          "the network's data type is "
              + graph.params().dataType()
              + ", must be FLOAT: gradients are averaged in fp32; build it with dataType(FLOAT)");
    }
    graph.initGradientsView();
    this.graph = graph;
    this.gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    this.undivided = new UndividedGradients(graph);
    this.clip = new GradientClip(undivided.between());
    this.computation = computation(graph, settings);
    this.threads = settings.threads();
    this.averageDecay = Optional.of(averageDecay).filter(decay -> decay > 0);
  }

  /** A replica of a network with freshly made parameters, from DL4J's JSON. */
  public static Replica fromJson(String configuration, ComputationSettings settings) {
    return fromJson(configuration, settings, 0);
  }

  /**
   * The same, keeping the mean of its parameters over the steps.
   *
   * @param averageDecay how much of the mean stays at each step, or 0 to keep none
   */
  public static Replica fromJson(
      String configuration, ComputationSettings settings, double averageDecay) {
    var graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
    graph.init();
    return new Replica(graph, settings, averageDecay);
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
    return computeGradient(batch, count, GradientListener.NONE);
  }

  /**
   * Forward and backward, telling which parts of the gradient vector are finished while the rest is
   * computed.
   *
   * @param listener called in the thread that computes, or one of several
   */
  public double computeGradient(MultiDataSet batch, int count, GradientListener listener) {
    return computation.computeGradient(
        batch,
        (offset, length) -> {
          undivided.scale(offset, length, count);
          listener.ready(offset, length);
        });
  }

  /**
   * The network's outputs as in inference; nothing is trained.
   *
   * @param features one array per input of the network
   * @return one array per output of the network
   */
  public INDArray[] output(INDArray... features) {
    return computation.output(features);
  }

  /**
   * What the last {@link #computeGradient} found out about each sample of its batch, in the order
   * of the batch; the next changes it.
   */
  public SampleLosses sampleLosses() {
    return computation.sampleLosses();
  }

  /** How it computes. */
  public ComputationInfo info() {
    return computation.info();
  }

  @Override
  public void close() {
    computation.close();
  }

  /** What a rank without samples contributes. */
  public void zeroGradient() {
    gradient.assign(0);
  }

  /** Makes the gradient one that is not finite, where backward ends. */
  void spoilGradient() {
    gradient.putScalar(0, Float.NaN);
  }

  /** The flat gradient vector, to be read and written in place. */
  public UnsafeBuffer gradient() {
    return new UnsafeBuffer(gradient.data().asNio().order(ByteOrder.nativeOrder()));
  }

  /** The flat parameter vector, to be read and written in place. */
  public UnsafeBuffer parameters() {
    return new UnsafeBuffer(graph.params().data().asNio().order(ByteOrder.nativeOrder()));
  }

  /**
   * Shortens the gradient if the norm of its mean over the samples is above a limit.
   *
   * @param globalCount the samples whose gradients are in the sum
   * @param mostNorm the limit
   */
  public void clipGradient(int globalCount, double mostNorm) {
    clip.clip(floats(gradient), mostNorm * globalCount);
  }

  /**
   * One step of the optimizer with the gradient vector as it stands.
   *
   * @param globalCount the samples whose gradients are in the sum
   */
  public void update(int globalCount) {
    undivided.divide(globalCount);
    if (step == null) {
      step = OptimizerStep.of(graph, threads);
    }
    averageDecay
        .filter(decay -> average == null)
        .ifPresent(decay -> average = new WeightAverage(decay, floats(graph.params())));
    step.apply(iteration(), epoch(), globalCount);
    if (average != null) {
      average.add(floats(graph.params()), iteration() + 1);
    }
  }

  /** What is done with the mean of the parameters. */
  @FunctionalInterface
  public interface AveragedWork<T, E extends Exception> {
    T work() throws E;
  }

  /** Does something with the mean of the parameters in their place, if one is kept. */
  public <T, E extends Exception> T withAverage(AveragedWork<T, E> work) throws E {
    if (average == null) {
      return work.work();
    }
    average.exchange(floats(graph.params()));
    try {
      return work.work();
    } finally {
      average.exchange(floats(graph.params()));
    }
  }

  /**
   * Says which step comes next: learning-rate schedules go by it, and dropout's masks are drawn
   * from the seed, so that they depend on the position in the job and not on what ran before.
   */
  public void moveTo(int epoch, int iteration, long seed) {
    computation.moveTo(epoch, iteration, seed);
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
    return new ModelState(
        epoch(),
        iteration(),
        copy(graph.params()),
        copy(updaterState()),
        average == null ? FloatBuffer.allocate(0) : average.values());
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
    average =
        averageDecay
            .filter(decay -> state.average().hasRemaining())
            .map(decay -> new WeightAverage(decay, state.average()))
            .orElse(null);
    completed(state.epoch(), state.iteration());
  }

  /** Whether every parameter is a finite number. */
  public boolean hasFiniteParameters() {
    return allFinite(graph.params());
  }

  /** Whether every value of the gradient vector is a finite number. */
  public boolean hasFiniteGradient() {
    return allFinite(gradient);
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

  /** What is not finite has the largest exponent, so its bits without the sign are the largest. */
  private boolean allFinite(INDArray array) {
    var bits = array.data().asNio().order(ByteOrder.nativeOrder()).asIntBuffer();
    int largest = 0;
    while (bits.hasRemaining()) {
      int count = Math.min(chunk.length, bits.remaining());
      bits.get(chunk, 0, count);
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, chunk[i] & WITHOUT_SIGN);
      }
    }
    return largest < INFINITY;
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

  private static Computation computation(ComputationGraph graph, ComputationSettings settings) {
    try {
      return Computations.of(graph, settings);
    } catch (UnsupportedOperationException e) {
      throw new TrainingException(e.getMessage(), e);
    }
  }
}
