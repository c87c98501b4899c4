package org.murmuration.worker.accel;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * What regularisation adds to the loss: for each regularised parameter x, coefficient * sum |x| or
 * coefficient / 2 * sum x^2. Sums of more than a few values are in double precision: DL4J's own
 * score of an fp32 layer with millions of weights is wrong in the fourth digit. Layers that score
 * themselves in a way of their own, frozen ones among them, are asked.
 */
final class RegularizationScore {

  /** Values that are copied and summed at a time; they stay in the nearest cache. */
  private static final int CHUNK = 4096;

  /** So many values are summed in single precision, before sums go on in double precision. */
  private static final int SHORT_SUM = 16;

  private static final Map<Class<?>, TermOf> KNOWN =
      Map.of(
          L1Regularization.class,
          (r, part) -> new Term(part, ((L1Regularization) r).getL1(), Sum.ABSOLUTES),
          L2Regularization.class,
          (r, part) -> new Term(part, ((L2Regularization) r).getL2(), Sum.HALF_SQUARES),
          WeightDecay.class,
          (r, part) -> new Term(part, ((WeightDecay) r).getCoeff(), Sum.HALF_SQUARES));

  private final ComputationGraph graph;
  private final List<Term> terms = new ArrayList<>();
  private final List<Layer> others = new ArrayList<>();
  private final float[] chunk = new float[CHUNK];
  private final float[] sums = new float[CHUNK];

  /**
   * @param graph an initialised fp32 network, whose configuration won't change
   */
  RegularizationScore(ComputationGraph graph) {
    this.graph = graph;
    for (var layer : graph.getLayers()) {
      if (layer.numParams() > 0) {
        add(layer);
      }
    }
  }

  /** The sum over all layers, for the step that the network's configuration says is next. */
  double value() {
    var iteration = graph.getConfiguration().getIterationCount();
    var epoch = graph.getConfiguration().getEpochCount();
    var parameters = graph.params().data().asNio().order(ByteOrder.nativeOrder()).asFloatBuffer();
    double score = 0;
    for (var term : terms) {
      score += term.coefficient.valueAt(iteration, epoch) * sum(parameters, term);
    }
    for (var layer : others) {
      layer.setIterationCount(iteration);
      layer.setEpochCount(epoch);
      score += layer.calcRegularizationScore(true);
    }
    return score;
  }

  private void add(Layer layer) {
    if (!scoresLikeBaseLayer(layer)) {
      others.add(layer);
      return;
    }
    List<Term> own = new ArrayList<>();
    for (var entry : layer.paramTable().entrySet()) {
      for (var regularization : regularizations(layer, entry.getKey())) {
        var known = KNOWN.get(regularization.getClass());
        if (known == null) {
          others.add(layer);
          return;
        }
        own.add(known.term(regularization, part(entry.getValue())));
      }
    }
    terms.addAll(own);
  }

  private static List<Regularization> regularizations(Layer layer, String parameter) {
    var all = layer.conf().getLayer().getRegularizationByParam(parameter);
    return all == null ? List.of() : all;
  }

  /** Not added up: some layers list their parameters in another order than they lie. */
  private Part part(INDArray view) {
    return new Part((int) (view.offset() - graph.params().offset()), (int) view.length());
  }

  private static boolean scoresLikeBaseLayer(Layer layer) {
    try {
      return layer
          .getClass()
          .getMethod("calcRegularizationScore", boolean.class)
          .getDeclaringClass()
          .equals(BaseLayer.class);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every layer has it", e);
    }
  }

  private double sum(FloatBuffer parameters, Term term) {
    double sum = 0;
    int added = 0;
    var end = term.part.offset + term.part.length;
    for (int at = term.part.offset; at < end; at += CHUNK) {
      var length = Math.min(CHUNK, end - at);
      parameters.get(at, chunk, 0, length);
      term.sum.add(chunk, sums, length);
      added++;
      if (added == SHORT_SUM || at + length == end) {
        sum += takeSums();
        added = 0;
      }
    }
    return sum;
  }

  private double takeSums() {
    double total = 0;
    for (float sum : sums) {
      total += sum;
    }
    Arrays.fill(sums, 0);
    return total;
  }

  /** A parameter's place in the flat vector. */
  private record Part(int offset, int length) {}

  private record Term(Part part, ISchedule coefficient, Sum sum) {}

  @FunctionalInterface
  private interface TermOf {
    Term term(Regularization regularization, Part part);
  }

  /** What is summed. */
  private enum Sum {
    ABSOLUTES {
      @Override
      void add(float[] values, float[] sums, int length) {
        for (int i = 0; i < length; i++) {
          sums[i] += Math.abs(values[i]);
        }
      }
    },
    HALF_SQUARES {
      @Override
      void add(float[] values, float[] sums, int length) {
        for (int i = 0; i < length; i++) {
          sums[i] += 0.5f * values[i] * values[i];
        }
      }
    };

    /** Adds each value's share to a sum of its own, which makes vector instructions possible. */
    abstract void add(float[] values, float[] sums, int length);
  }
}
