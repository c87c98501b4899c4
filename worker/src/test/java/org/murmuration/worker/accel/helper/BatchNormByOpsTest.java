package org.murmuration.worker.accel.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class BatchNormByOpsTest {
  private static final int CHANNELS = 5;

  static Stream<Arguments> inputs() {
    return Stream.of(
            new long[] {3, CHANNELS, 7, 6},
            new long[] {1, CHANNELS, 9, 4},
            new long[] {7, CHANNELS})
        .flatMap(
            shape ->
                Arrays.stream(Memory.values())
                    .flatMap(
                        memory ->
                            Stream.of(true, false)
                                .map(logStd -> Arguments.of(shape, memory, logStd))));
  }

  private static BatchNormalization.Builder layer() {
    return new BatchNormalization.Builder().eps(1e-3).decay(0.8);
  }

  private static InputType type(long[] shape) {
    return shape.length == 2
        ? InputType.feedForward(shape[1])
        : InputType.convolutional(shape[2], shape[3], shape[1]);
  }

  /** With a mean that is not zero. */
  private static INDArray values(Random random, long[] shape) {
    return Twins.random(random, -1, 2, shape);
  }

  /** Every gradient, among them the steps of the running statistics. */
  @ParameterizedTest
  @MethodSource("inputs")
  void shouldComputeWhatDl4jDoesInDoublePrecision(long[] shape, Memory memory, boolean logStd) {
    var twins = Twins.of(layer().useLogStd(logStd).build(), type(shape));
    var random = new Random(3);

    assertThat(twins.helped().getHelper()).isInstanceOf(BatchNormByOps.class);
    twins.shouldAgreeForward(values(random, shape), memory, false);
    twins.shouldAgree(values(random, shape), random, memory);
    twins.shouldAgree(values(random, shape), random, memory);
    twins.shouldAgreeForward(values(random, shape), memory, false);
  }

  /** It normalises by running statistics, and DL4J goes backward through it. */
  @ParameterizedTest
  @EnumSource
  void shouldGoBackThroughAFrozenLayer(Memory memory) {
    var shape = new long[] {3, CHANNELS, 7, 6};
    var twins =
        Twins.of(
            new FrozenLayerWithBackprop(
                layer().useLogStd(false).nIn(CHANNELS).nOut(CHANNELS).build()),
            type(shape));
    var random = new Random(3);

    assertThat(twins.helped().getHelper()).isInstanceOf(BatchNormByOps.class);
    twins.shouldAgreeForward(values(random, shape), memory, true);
    twins.shouldAgreeBackward(values(random, shape), memory);
  }
}
