package org.murmuration.worker.accel.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One layer twice with the same parameters: in single precision with what {@link Helpers} gives it,
 * and in double precision as DL4J computes it, which is the truth.
 */
final class Twins {
  static final double LIMIT = 1e-5;
  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();
  private static final String NAME = "layer";

  private final Layer helped;
  private final Layer truth;

  private Twins(Layer helped, Layer truth) {
    this.helped = helped;
    this.truth = truth;
  }

  static Twins of(org.deeplearning4j.nn.conf.layers.Layer layer, InputType input) {
    var truth = graph(layer, input, DataType.DOUBLE);
    var helped = graph(layer, input, DataType.FLOAT);
    Helpers.install(helped);
    var random = new Random(7);
    for (var name : helped.getLayer(NAME).paramTable().keySet()) {
      var shape = helped.getLayer(NAME).getParam(name).shape();
      var values = name.equals("var") ? random(random, 0.5, 1.5, shape) : random(random, shape);
      helped.getLayer(NAME).setParam(name, values.castTo(DataType.FLOAT));
      truth.getLayer(NAME).setParam(name, values);
    }
    return new Twins(helped.getLayer(NAME), truth.getLayer(NAME));
  }

  private static ComputationGraph graph(
      org.deeplearning4j.nn.conf.layers.Layer layer, InputType input, DataType dataType) {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(dataType)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(input)
                .addLayer(NAME, layer.clone(), "input")
                .setOutputs(NAME)
                .build());
    graph.init();
    graph.initGradientsView();
    return graph;
  }

  /** The layer that has the helper. */
  Layer helped() {
    return helped;
  }

  /** Values in double precision that single precision holds exactly. */
  static INDArray random(Random random, double from, double to, long... shape) {
    var values =
        random
            .doubles(Nd4j.createUninitialized(shape).length(), from, to)
            .map(v -> (float) v)
            .toArray();
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  static INDArray random(Random random, long... shape) {
    return random(random, -1, 1, shape);
  }

  /** Forward alone. */
  INDArray shouldAgreeForward(INDArray input, Memory memory, boolean training) {
    truth.setInput(input.dup(), NO_WORKSPACES);
    helped.setInput(memory.hold(input), NO_WORKSPACES);
    var expected = truth.activate(training, NO_WORKSPACES);
    assertClose("outputs", helped.activate(training, NO_WORKSPACES), expected);
    assertNeverFellBack();
    return expected;
  }

  /** Forward and backward: outputs, the input's gradient and every parameter's. */
  void shouldAgree(INDArray input, Random random, Memory memory) {
    var output = shouldAgreeForward(input, memory, true);
    shouldAgreeBackward(random(random, output.shape()), memory);
  }

  void shouldAgreeBackward(INDArray outputGradient, Memory memory) {
    var expected = truth.backpropGradient(outputGradient.dup(), NO_WORKSPACES);
    var actual = helped.backpropGradient(memory.hold(outputGradient), NO_WORKSPACES);
    var expectedGradients = expected.getFirst().gradientForVariable();
    var gradients = actual.getFirst().gradientForVariable();
    assertThat(gradients.keySet()).containsExactlyInAnyOrderElementsOf(expectedGradients.keySet());
    expectedGradients.forEach(
        (name, values) -> assertClose("gradients of " + name, gradients.get(name), values));
    assertClose("gradients of the input", actual.getSecond(), expected.getSecond());
    assertNeverFellBack();
  }

  static void assertClose(String what, INDArray actual, INDArray expected) {
    var values = actual.castTo(DataType.DOUBLE);
    assertThat(values.length()).as(what).isEqualTo(expected.length());
    var difference = values.reshape(expected.shape()).sub(expected);
    var relative = difference.norm2Number().doubleValue() / expected.norm2Number().doubleValue();
    assertThat(relative).as("%s: norm of the difference by norm", what).isLessThan(LIMIT);
  }

  /** DL4J goes on without the helper, and only logs it, when the helper throws. */
  private void assertNeverFellBack() {
    var layer = helped instanceof BaseWrapperLayer wrapper ? wrapper.getUnderlying() : helped;
    if (layer.getHelper() == null) {
      return;
    }
    try {
      var failures = layer.getClass().getDeclaredField("helperCountFail");
      failures.setAccessible(true);
      assertThat(failures.getInt(layer)).as("failures of the helper").isZero();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
