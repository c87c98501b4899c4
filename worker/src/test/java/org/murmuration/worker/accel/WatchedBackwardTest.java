package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Random networks that DL4J computes: what it says of the gradient while it computes. */
class WatchedBackwardTest {

  /** A part of the gradient as it was when it was told of. */
  private record Part(long offset, List<Float> values) {}

  @Property(tries = 40, seed = "4", edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void shouldTellOfPartsFromTheEndThatDontChangeAnyMore(@ForAll long seed) {
    var random = new RandomGraph(seed);
    var graph = new ComputationGraph(random.configuration());
    graph.init();
    graph.initGradientsView();
    var batch = random.batch();
    var unwatched = gradient(graph, batch, GradientListener.NONE);
    var layers = layers(graph);
    List<Part> parts = new ArrayList<>();

    var watched =
        gradient(
            graph,
            batch,
            (offset, length) ->
                parts.add(new Part(offset, slice(graph, (int) offset, (int) length))));

    assertThat(watched).isEqualTo(unwatched);
    assertThat(layers(graph)).isEqualTo(layers);
    var end = (int) graph.numParams();
    for (var part : parts) {
      assertThat(part.offset + part.values.size()).isEqualTo(end);
      end = (int) part.offset;
      assertThat(part.values).isEqualTo(watched.subList(end, end + part.values.size()));
    }
    assertThat(end).isZero();
  }

  @Test
  void shouldTellOfEveryLayerThatHasParameters() {
    var graph = SampleNetworks.zoo("cifar-net", 32);
    graph.initGradientsView();
    List<Long> offsets = new ArrayList<>();

    new Dl4jComputation(graph).computeGradient(images(), (offset, length) -> offsets.add(offset));

    // Two convolutions, two dense layers, and the output layer with the last of these.
    assertThat(offsets).contains(0L, 456L, 456L + 2416, 456L + 2416 + 48120);
  }

  private static MultiDataSet images() {
    var pixels = Nd4j.rand(DataType.FLOAT, 4, 3, 32, 32);
    var labels = Nd4j.zeros(DataType.FLOAT, 4, 10);
    labels.putScalar(0, 3, 1);
    return new org.nd4j.linalg.dataset.MultiDataSet(pixels, labels);
  }

  private static List<Float> gradient(
      ComputationGraph graph, MultiDataSet batch, GradientListener listener) {
    new Dl4jComputation(graph).computeGradient(batch, listener);
    return slice(graph, 0, (int) graph.numParams());
  }

  private static List<Float> slice(ComputationGraph graph, int offset, int length) {
    var all = graph.getFlattenedGradients().ravel().toFloatVector();
    List<Float> values = new ArrayList<>();
    for (int i = offset; i < offset + length; i++) {
      values.add(all[i]);
    }
    return values;
  }

  private static List<Layer> layers(ComputationGraph graph) {
    return Arrays.stream(graph.getVertices())
        .filter(vertex -> vertex.hasLayer())
        .map(vertex -> vertex.getLayer())
        .toList();
  }
}
