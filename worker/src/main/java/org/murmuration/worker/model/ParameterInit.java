package org.murmuration.worker.model;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Fills the weights and biases of a graph, from a seed and the order of layers alone: the same on
 * every rank, on every backend, and whatever ND4J's generator did before.
 */
public final class ParameterInit {
  private static final String WEIGHTS = "W";
  private static final String BIAS = "b";

  private ParameterInit() {}

  /**
   * Fills the weights and biases of every layer. Fan in is what one output value reads: the inputs
   * of a dense layer, or channels * kernel height * kernel width of a convolution; fan out is
   * filters * kernel height * kernel width. Other parameters, those of batch normalisation, and
   * layers that say themselves how they start keep what {@code graph.init()} gave them.
   *
   * @param graph an initialised graph
   * @param seed the seed; layers draw from streams of their own
   * @throws IllegalStateException if the graph is not initialised
   */
  public static void apply(ComputationGraph graph, NetworkSpec.Init init, long seed) {
    if (graph.getLayers() == null) {
      throw new IllegalStateException("the graph has no parameters yet; call init() first");
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    for (Layer layer : graph.getLayers()) {
      INDArray weights = layer.paramTable().get(WEIGHTS);
      if (weights != null && !LearnedLayers.startStated(layer)) {
        fill(weights, layer.paramTable().get(BIAS), init, seeds.split());
      }
    }
  }

  private static void fill(
      INDArray weights, INDArray bias, NetworkSpec.Init init, SplittableRandom random) {
    Fans fans = Fans.of(weights);
    DoubleSupplier weight =
        switch (init) {
          case PYTORCH -> uniform(random, Math.sqrt(1.0 / fans.in()));
          case XAVIER -> normal(random, Math.sqrt(2.0 / (fans.in() + fans.out())));
          case HE -> normal(random, Math.sqrt(2.0 / fans.in()));
        };
    fill(weights, weight);
    if (bias != null) {
      fill(bias, init == NetworkSpec.Init.PYTORCH ? weight : () -> 0);
    }
  }

  private static DoubleSupplier uniform(SplittableRandom random, double bound) {
    return () -> random.nextDouble(-bound, bound);
  }

  private static DoubleSupplier normal(SplittableRandom random, double deviation) {
    return () -> random.nextGaussian(0, deviation);
  }

  /** Writes into the array, which is a view of the graph's flat vector, in its memory's order. */
  private static void fill(INDArray parameter, DoubleSupplier values) {
    double[] drawn = new double[Math.toIntExact(parameter.length())];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = values.getAsDouble();
    }
    parameter.assign(Nd4j.createFromArray(drawn).reshape(parameter.ordering(), parameter.shape()));
  }

  /** How many values one output reads, and how many outputs read one value. */
  private record Fans(long in, long out) {

    /** From [in, out] of a dense layer or [out, in, height, width] of a convolution. */
    static Fans of(INDArray weights) {
      if (weights.rank() == 2) {
        return new Fans(weights.size(0), weights.size(1));
      }
      long window = weights.size(2) * weights.size(3);
      return new Fans(weights.size(1) * window, weights.size(0) * window);
    }
  }
}
