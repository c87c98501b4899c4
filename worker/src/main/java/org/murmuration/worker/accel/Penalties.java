package org.murmuration.worker.accel;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What L1 and L2 add to a network's loss, summed in double precision. DL4J takes the norms from
 * ND4J, which adds floats one after the other: of two million, 6e-4 of the sum is lost, and it
 * takes several times as long.
 */
final class Penalties {
  private Penalties() {}

  /** The penalty of one sample; DL4J adds the same to each. */
  static double of(ComputationGraph graph) {
    double sum = 0;
    for (var layer : graph.getLayers()) {
      sum += layer instanceof BaseLayer<?> own ? of(own) : layer.calcRegularizationScore(true);
    }
    return sum;
  }

  private static double of(BaseLayer<?> layer) {
    double sum = 0;
    for (var entry : layer.paramTable(true).entrySet()) {
      var penalties = layer.layerConf().getRegularizationByParam(entry.getKey());
      for (var penalty : penalties == null ? List.<Regularization>of() : penalties) {
        sum += of(layer, penalty, entry.getValue());
      }
    }
    return sum;
  }

  /** L1 and L2 know an array by its norm, which is also the norm of one number. */
  private static double of(BaseLayer<?> layer, Regularization penalty, INDArray parameter) {
    var norm = parameter;
    if (penalty instanceof L2Regularization) {
      norm = Nd4j.scalar(Math.sqrt(sum(parameter, x -> x * x)));
    } else if (penalty instanceof L1Regularization) {
      norm = Nd4j.scalar(sum(parameter, Math::abs));
    }
    return penalty.score(norm, layer.getIterationCount(), layer.getEpochCount());
  }

  /** Two sums, so that an addition needn't wait for the one before it. */
  private static double sum(INDArray parameter, DoubleUnaryOperator term) {
    var values = floats(parameter);
    int last = values.capacity() - Float.BYTES;
    double even = 0;
    double odd = 0;
    int at = 0;
    for (; at < last; at += 2 * Float.BYTES) {
      even += term.applyAsDouble(values.getFloat(at));
      odd += term.applyAsDouble(values.getFloat(at + Float.BYTES));
    }
    return even + odd + (at == last ? term.applyAsDouble(values.getFloat(at)) : 0);
  }

  /** A parameter lies in one piece in the network's flat vector, whatever its order. */
  private static UnsafeBuffer floats(INDArray parameter) {
    var data = parameter.data();
    return new UnsafeBuffer(
        data.address() + parameter.offset() * Float.BYTES,
        Math.toIntExact(parameter.length() * Float.BYTES));
  }
}
