package org.murmuration.worker.accel.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ResponseNormByOpsTest {
  private static final long[] SHAPE = {3, 7, 4, 5};

  private static LocalResponseNormalization layer(int n, double k, double alpha, double beta) {
    return new LocalResponseNormalization.Builder().n(n).k(k).alpha(alpha).beta(beta).build();
  }

  private static Twins twins(LocalResponseNormalization layer) {
    return Twins.of(layer, InputType.convolutional(SHAPE[2], SHAPE[3], SHAPE[1]));
  }

  @ParameterizedTest
  @CsvSource({
    "5, 2.0, 1e-4, 0.75, ROW_ORDER",
    "5, 2.0, 1e-4, 0.75, COLUMN_ORDER",
    "5, 2.0, 1e-4, 0.75, PERMUTED",
    "5, 2.0, 1e-4, 0.75, PART_OF_LARGER",
    "1, 1.0, 1e-3, 0.5, ROW_ORDER",
    "4, 1.0, 1e-3, 0.5, ROW_ORDER",
    "9, 1.0, 1e-4, 1.0, ROW_ORDER"
  })
  void shouldComputeWhatDl4jDoesInDoublePrecision(
      int n, double k, double alpha, double beta, Memory memory) {
    var twins = twins(layer(n, k, alpha, beta));
    var random = new Random(5);
    var input = Twins.random(random, SHAPE);

    assertThat(twins.helped().getHelper()).isInstanceOf(ResponseNormByOps.class);
    twins.shouldAgreeForward(input, memory, false);
    twins.shouldAgree(input, random, memory);
  }

  /**
   * With a large alpha DL4J's own gradient is a thousandth off, because it divides the sum over
   * neighbours by the base of the channel in the middle instead of each term by its own. Here the
   * derivative itself is the truth.
   */
  @ParameterizedTest
  @CsvSource({"5, 1.5, 0.3, 0.75", "3, 1.0, 2.0, 0.5", "2, 2.0, 1.0, 1.0"})
  void shouldBeTheDerivative(int n, double k, double alpha, double beta) {
    var twins = twins(layer(n, k, alpha, beta));
    var random = new Random(5);
    var input = Twins.random(random, SHAPE);
    var outputGradient = Twins.random(random, SHAPE);
    var expected = new Definition(n / 2, k, alpha, beta, input, outputGradient);
    var workspaces = LayerWorkspaceMgr.noWorkspaces();

    twins.helped().setInput(input.castTo(DataType.FLOAT), workspaces);
    var output = twins.helped().activate(true, workspaces);
    var gradient =
        twins.helped().backpropGradient(outputGradient.castTo(DataType.FLOAT), workspaces);

    Twins.assertClose("outputs", output, expected.output);
    Twins.assertClose("gradients", gradient.getSecond(), expected.inputGradient);
  }

  /** Sum by sum, in double precision. */
  private static final class Definition {
    private final INDArray output = Nd4j.create(DataType.DOUBLE, SHAPE);
    private final INDArray inputGradient = Nd4j.create(DataType.DOUBLE, SHAPE);

    Definition(int reach, double k, double alpha, double beta, INDArray x, INDArray dy) {
      var channels = (int) SHAPE[1];
      for (int n = 0; n < SHAPE[0]; n++) {
        for (int h = 0; h < SHAPE[2]; h++) {
          for (int w = 0; w < SHAPE[3]; w++) {
            var base = new double[channels];
            for (int c = 0; c < channels; c++) {
              base[c] = k;
              for (int j = Math.max(0, c - reach); j <= Math.min(channels - 1, c + reach); j++) {
                base[c] += alpha * x.getDouble(n, j, h, w) * x.getDouble(n, j, h, w);
              }
              var scale = Math.pow(base[c], -beta);
              output.putScalar(new int[] {n, c, h, w}, x.getDouble(n, c, h, w) * scale);
            }
            for (int c = 0; c < channels; c++) {
              var value = dy.getDouble(n, c, h, w) * Math.pow(base[c], -beta);
              for (int j = Math.max(0, c - reach); j <= Math.min(channels - 1, c + reach); j++) {
                value -=
                    dy.getDouble(n, j, h, w)
                        * x.getDouble(n, j, h, w)
                        * (2 * alpha * beta)
                        * Math.pow(base[j], -beta - 1)
                        * x.getDouble(n, c, h, w);
              }
              inputGradient.putScalar(new int[] {n, c, h, w}, value);
            }
          }
        }
      }
    }
  }
}
