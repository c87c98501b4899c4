package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Plain DL4J, which trains in one go, is the truth. */
@ExtendWith(PreparedBackend.class)
class ReplicaTest {
  private static final int STEPS = 6;
  private static final double WEIGHT_DECAY = 0.01;
  private static final double CLIP_AT = 0.05;

  /** DL4J and compiled plans add in another order, in single precision; Adam enlarges that. */
  private static final double LIMIT = 1e-4;

  private static final double LOSS_LIMIT_PERCENT = 1e-3;

  static Stream<Arguments> optimizersAndClipping() {
    // DL4J itself has no LARS and no LAMB.
    return EnumSet.complementOf(EnumSet.of(Kind.LARS, Kind.LAMB)).stream()
        .flatMap(
            kind ->
                Stream.of(
                        GradientNormalization.None,
                        GradientNormalization.ClipL2PerLayer,
                        GradientNormalization.ClipL2PerParamType)
                    .map(clipping -> Arguments.of(kind, clipping)));
  }

  /** Batch normalisation, dropout and weight decay are in the network. */
  @ParameterizedTest
  @MethodSource("optimizersAndClipping")
  void shouldStepAsDl4jDoes(Kind kind, GradientNormalization clipping) {
    var configuration = everything(kind, clipping);
    var plain = Nets.graph(configuration);
    var replica = new Replica(Nets.graph(configuration));

    trainBoth(plain, replica, 16);

    Vectors.assertClose(
        Vectors.doubles(replica.graph().params()),
        Vectors.doubles(plain.params()),
        LIMIT,
        "parameters");
    var state = plain.getUpdater().getStateViewArray();
    if (state == null) {
      assertThat(replica.state().updaterState().remaining()).isZero();
    } else {
      Vectors.assertClose(
          Vectors.doubles(replica.graph().getUpdater().getStateViewArray()),
          Vectors.doubles(state),
          LIMIT,
          "optimizer state");
    }
  }

  @Test
  void shouldStepAsDl4jDoesWithBatchesOfAnySize() {
    var configuration = everything(Kind.ADAM, GradientNormalization.None);
    var plain = Nets.graph(configuration);
    var replica = new Replica(Nets.graph(configuration));

    trainBoth(plain, replica, 13);

    Vectors.assertClose(
        Vectors.doubles(replica.graph().params()),
        Vectors.doubles(plain.params()),
        LIMIT,
        "batch 13");
  }

  @ParameterizedTest
  @EnumSource(
      value = GradientNormalization.class,
      names = {"ClipL2PerLayer", "ClipL2PerParamType"})
  void shouldHaveSomethingToClip(GradientNormalization clipping) {
    var clipped = new Replica(Nets.graph(everything(Kind.SGD, clipping)));
    var free = new Replica(Nets.graph(everything(Kind.SGD, GradientNormalization.None)));

    for (var replica : new Replica[] {clipped, free}) {
      replica.moveTo(0, 0, 1);
      replica.computeGradient(SampleData.batch(0, 16), 16);
      replica.update(16);
    }

    assertThat(clipped.checksum()).isNotEqualTo(free.checksum());
  }

  @Test
  void shouldGoOnFromAStateAsIfNothingHappened() {
    var configuration = everything(Kind.ADAM, GradientNormalization.None);
    var replica = new Replica(Nets.graph(configuration));
    step(replica, 0, 16);
    var state = replica.state();
    step(replica, 1, 16);
    var expected = replica.checksum();

    var other = Replica.fromJson(configuration.toJson(), ComputationSettings.PLAIN);
    other.restore(state);
    step(other, 1, 16);

    assertThat(other.checksum()).isEqualTo(expected);
    assertThat(other.state()).isEqualTo(replica.state());
  }

  @Test
  void shouldKeepAStateThatTrainingDoesNotChange() {
    var replica = new Replica(Nets.graph(everything(Kind.ADAM, GradientNormalization.None)));
    step(replica, 0, 16);
    var state = replica.state();
    var before = state.parameters().get(0);

    step(replica, 1, 16);

    assertThat(state.parameters().get(0)).isEqualTo(before);
    assertThat(replica.state().parameters().get(0)).isNotEqualTo(before);
  }

  @Test
  void shouldRefuseAStateOfAnotherNetwork() {
    var sgd = new Replica(Nets.graph(everything(Kind.SGD, GradientNormalization.None)));
    var adam = new Replica(Nets.graph(everything(Kind.ADAM, GradientNormalization.None)));
    var n = sgd.graph().numParams();

    assertThatThrownBy(() -> sgd.restore(adam.state()))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("this network has 0: it belongs to another network");
    assertThatThrownBy(() -> adam.restore(sgd.state()))
        .hasMessageContaining("the saved state has 0 optimizer state values");
    var none = FloatBuffer.allocate(0);
    assertThatThrownBy(() -> sgd.restore(new ModelState(0, 0, FloatBuffer.allocate(7), none, none)))
        .hasMessage(
            "the saved state has 7 parameters, this network has %d: it belongs to another network",
            n);
  }

  @Test
  void shouldRefuseANetworkInDoublePrecision() {
    var configuration = everything(Kind.SGD, GradientNormalization.None);
    var graph = new ComputationGraph(configuration);
    graph.init();

    assertThatThrownBy(() -> new Replica(graph.convertDataType(DataType.DOUBLE)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("data type is DOUBLE, must be FLOAT");
  }

  @Test
  void shouldTellWhatIsNoFiniteNumber() {
    var replica = new Replica(Nets.graph(everything(Kind.SGD, GradientNormalization.None)));
    step(replica, 0, 16);
    assertThat(replica.hasFiniteParameters()).isTrue();
    assertThat(replica.hasFiniteGradient()).isTrue();

    var last = replica.graph().numParams() - 1;
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      replica.graph().params().putScalar(last, value);
      assertThat(replica.hasFiniteParameters()).isFalse();
      assertThat(replica.hasFiniteGradient()).isTrue();
      replica.gradient().putFloat(0, value);
      assertThat(replica.hasFiniteGradient()).isFalse();
      replica.zeroGradient();
    }
  }

  /** What comes first computes in the type of its input: by itself DL4J would scale bytes to 0. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"UBYTE", "DOUBLE"})
  void shouldComputeOnImagesOfAnyTypeAsOnFloats(DataType type) {
    var replica = new Replica(scaled());
    var bytes = SampleData.batch(0, 8);
    var floats = bytes.getFeatures(0).castTo(DataType.FLOAT);
    var given = new MultiDataSet(bytes.getFeatures(0).castTo(type), bytes.getLabels(0));

    var expectedLoss = replica.computeGradient(new MultiDataSet(floats, bytes.getLabels(0)), 8);
    var expectedGradient = gradient(replica);
    var expectedOutput = replica.graph().output(false, floats)[0];
    assertThat(Arrays.stream(expectedGradient))
        .as("something to compare")
        .anyMatch(value -> value != 0);
    replica.zeroGradient();

    assertThat(replica.computeGradient(given, 8)).isEqualTo(expectedLoss);
    assertThat(gradient(replica)).containsExactly(expectedGradient);
    assertThat(replica.output(given.getFeatures())[0]).isEqualTo(expectedOutput);
    assertThat(given.getFeatures(0).dataType()).as("left alone").isEqualTo(type);
  }

  /** Row 2^24 + 1 of a table; as a float the index would be 2^24. */
  @Test
  void shouldReadIndicesExactly() {
    var index = (1 << 24) + 1;
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("index")
                .addLayer(
                    "table",
                    new EmbeddingLayer.Builder()
                        .nIn(index + 1)
                        .nOut(1)
                        .weightInit(WeightInit.ZERO)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "index")
                .addLayer(
                    "output",
                    new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build(),
                    "table")
                .setOutputs("output")
                .build());
    graph.init();
    graph.params().putScalar(index, 5);

    var output = new Replica(graph).output(Nd4j.createFromArray(new int[][] {{index}}))[0];

    assertThat(output.getDouble(0)).isEqualTo(5);
  }

  private static double[] gradient(Replica replica) {
    return Vectors.doubles(replica.graph().getFlattenedGradients());
  }

  private static ComputationGraph scaled() {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.01))
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(32, 32, 3))
                .addVertex("scale", new ScaleVertex(1 / 255.0), "image")
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(3, 3).nOut(4).stride(3, 3).build(),
                    "scale")
                .addLayer(
                    "output",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(SampleData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "conv")
                .setOutputs("output")
                .build());
    graph.init();
    return graph;
  }

  private static void trainBoth(ComputationGraph plain, Replica replica, int size) {
    for (int step = 0; step < STEPS; step++) {
      Nd4j.getRandom().setSeed(seed(step));
      plain.fit(SampleData.batch(step * size, size));
      var loss = step(replica, step, size);
      assertThat(loss / size)
          .as("loss of step %d", step)
          .isCloseTo(plain.score(), withinPercentage(LOSS_LIMIT_PERCENT));
    }
  }

  private static double step(Replica replica, int step, int size) {
    replica.moveTo(0, step, seed(step));
    var loss = replica.computeGradient(SampleData.batch(step * size, size), size);
    replica.update(size);
    return loss;
  }

  private static long seed(int step) {
    return 1000L + step;
  }

  private static ComputationGraphConfiguration everything(
      Kind kind, GradientNormalization clipping) {
    var configuration =
        Nets.configuration(
            Nets.small(Nets.BATCH_NORM, Nets.DROPOUT), Nets.optimizer(kind, 0.001, WEIGHT_DECAY));
    for (var vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layerVertex
          && layerVertex.getLayerConf().getLayer() instanceof BaseLayer layer) {
        layer.setGradientNormalization(clipping);
        layer.setGradientNormalizationThreshold(CLIP_AT);
      }
    }
    return configuration;
  }
}
