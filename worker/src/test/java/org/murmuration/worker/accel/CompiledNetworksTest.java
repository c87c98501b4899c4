package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Whole networks beside plain DL4J in double precision.
 *
 * <p>Each of up to ten steps is computed in double precision from the same parameters as well:
 * losses and all gradients agree within 1e-5. Now and then a number is so close to the kink of a
 * ReLU, or to another in its pooling window, that rounding decides which side it is on; plain DL4J
 * in single precision has that as often. One of n such numbers carries about 1/sqrt(n) of the
 * gradient, here up to {@link #KINK}. So it is the median of the steps that has to be right within
 * 1e-5.
 *
 * <p>Ten steps multiply what rounding did in the first, by a factor that only the network knows. So
 * plain DL4J goes the same way in single precision: what is compiled may be three times as far from
 * the truth, as sums in another order may be, and a kink further.
 */
class CompiledNetworksTest {
  private static final int STEPS = 10;
  private static final double SINGLE_STEP = 1e-5;
  private static final double KINK = 3e-2;
  private static final double TIMES_PLAIN = 3;
  private static final int BATCH = 5;

  @ParameterizedTest
  @CsvSource({"cifar-net, 32, 10", "vgg-small, 16, 10", "resnet-18, 16, 5"})
  void shouldTrainTheZoo(String name, int size, int steps) {
    shouldTrain(
        steps,
        SampleNetworks.zoo(name, size),
        random ->
            new org.nd4j.linalg.dataset.MultiDataSet(
                random.bytes(BATCH, 3, size, size), random.classes(BATCH, SampleNetworks.CLASSES)));
  }

  @ParameterizedTest
  @CsvSource({"true, MCXENT, SOFTMAX", "false, MCXENT, SOFTMAX", "true, XENT, SIGMOID"})
  void shouldTrainAUnet(boolean transposed, LossFunction loss, Activation activation) {
    shouldTrain(
        STEPS,
        SampleNetworks.unet(transposed, loss, activation),
        random ->
            new org.nd4j.linalg.dataset.MultiDataSet(
                random.normal(BATCH, 3, SampleNetworks.SIZE, SampleNetworks.SIZE),
                random.pixels(
                    BATCH,
                    SampleNetworks.PIXEL_CLASSES,
                    SampleNetworks.SIZE,
                    SampleNetworks.SIZE)));
  }

  @Test
  void shouldTrainBranchesInputsAndOutputs() {
    shouldTrain(
        STEPS,
        SampleNetworks.branches(),
        random ->
            new org.nd4j.linalg.dataset.MultiDataSet(
                arrays(
                    random.normal(BATCH, 3, SampleNetworks.SIZE, SampleNetworks.SIZE),
                    random.normal(BATCH, SampleNetworks.NUMBERS)),
                arrays(random.classes(BATCH, SampleNetworks.CLASSES), random.normal(BATCH, 2))));
  }

  @Test
  void shouldTrainAMultiLayerNetworkAsAGraph() {
    var network = new MultiLayerNetwork(SampleNetworks.layers());
    network.init();
    shouldTrain(
        STEPS,
        network.toComputationGraph(),
        random ->
            new org.nd4j.linalg.dataset.MultiDataSet(
                random.normal(BATCH, 3, SampleNetworks.SIZE, SampleNetworks.SIZE),
                random.classes(BATCH, SampleNetworks.CLASSES)));
  }

  private static void shouldTrain(
      int steps, ComputationGraph graph, Function<SampleBatches, MultiDataSet> maker) {
    var random = new SampleBatches(17);
    var batches = IntStream.range(0, steps).mapToObj(i -> maker.apply(random)).toList();
    var truth = plain(graph.convertDataType(DataType.DOUBLE), batches);
    var plain = plain(graph.clone(), batches);
    try (var compiled = new Compared(graph)) {
      var course = Course.of(graph, compiled::computeGradient, batches);
      assertThat(compiled.placements()).isNotEmpty().allMatch(Placement::compiled);
      assertThat(compiled.median()).as("errors of single steps").isLessThan(SINGLE_STEP);
      assertThat(compiled.largest()).as("errors of single steps").isLessThan(KINK);
      assertSame(course, plain, truth);
    }
  }

  private static Course plain(ComputationGraph graph, List<MultiDataSet> batches) {
    return Course.of(graph, new PlainDl4j(graph)::computeGradient, batches);
  }

  private static void assertSame(Course compiled, Course plain, Course truth) {
    double plainError = 0;
    for (int step = 0; step < compiled.losses().size(); step++) {
      plainError = Math.max(plainError, plain.lossError(step, truth));
      assertThat(compiled.lossError(step, truth))
          .as("relative error of the loss %s of step %d", truth.losses().get(step), step)
          .isLessThan(TIMES_PLAIN * plainError + KINK);
    }
    assertThat(compiled.parameterError(truth))
        .as("relative error of the way that the parameters have gone")
        .isLessThan(TIMES_PLAIN * plain.parameterError(truth) + KINK);
  }

  private static INDArray[] arrays(INDArray... arrays) {
    return arrays;
  }

  /** What is compiled, each of its steps compared with the truth's from the same parameters. */
  private static final class Compared implements AutoCloseable {
    private final CompiledComputation compiled;
    private final DoubleTruth truth;
    private final List<Double> errors = new ArrayList<>();

    Compared(ComputationGraph graph) {
      compiled = new CompiledComputation(graph, Precision.FP32);
      truth = DoubleTruth.of(graph);
    }

    List<Placement> placements() {
      return compiled.placements();
    }

    double computeGradient(MultiDataSet batch) {
      var loss = compiled.computeGradient(batch, GradientListener.NONE);
      errors.add(truth.errors(loss, batch).worst());
      return loss;
    }

    double median() {
      return errors.stream().sorted().toList().get(errors.size() / 2);
    }

    double largest() {
      return Collections.max(errors);
    }

    @Override
    public void close() {
      compiled.close();
    }
  }
}
