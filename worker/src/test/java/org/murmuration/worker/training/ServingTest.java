package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a saved model says of an image is what evaluation computed for it, to the last bit. */
@ExtendWith(PreparedBackend.class)
class ServingTest {
  private static final int IMAGES = 64;
  private static final LayerSpec NORMALIZE =
      new LayerSpec.Normalize(List.of(127.5), List.of(127.5));

  static Stream<Arguments> models() {
    List<Arguments> models = new ArrayList<>();
    for (var precision : Precision.values()) {
      if (NativeBackend.whyNot(precision).isEmpty()) {
        for (var zoo : List.of("cifar-net", "vgg-small", "resnet-18-narrow")) {
          models.add(Arguments.of(zoo, precision, List.of(NORMALIZE)));
        }
        models.add(
            Arguments.of(
                "resnet-18-narrow",
                precision,
                List.of(NORMALIZE, new LayerSpec.LearnedResize(16, 16, 8, 1, 1))));
      }
    }
    return models.stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldSayTheSameInBatchesOfAnySize(
      String zoo, Precision precision, List<LayerSpec> preprocessing) throws IOException {
    var graph = graph(zoo, preprocessing);
    var settings = new ComputationSettings(precision, 1, 1);
    try (var evaluated = new Replica(graph, settings);
        var served = new Replica(saved(graph), settings)) {
      var expected = outputs(evaluated, images(0, IMAGES));
      for (int size : new int[] {1, 2, 7, 50, IMAGES}) {
        for (int from = 0; from + size <= IMAGES; from += size) {
          assertThat(outputs(served, images(from, size)))
              .as("%d images from %d on", size, from)
              .containsExactly(
                  Arrays.copyOfRange(
                      expected, from * SampleData.CLASSES, (from + size) * SampleData.CLASSES));
        }
      }
    }
  }

  private static float[] outputs(Replica replica, INDArray images) {
    return replica.output(images)[0].dup('c').data().asFloat();
  }

  private static INDArray images(int from, int count) {
    return SampleData.batch(from, count).getFeatures(0);
  }

  private static ComputationGraph saved(ComputationGraph graph) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, bytes, true);
    return ModelSerializer.restoreComputationGraph(
        new ByteArrayInputStream(bytes.toByteArray()), false);
  }

  private static ComputationGraph graph(String zoo, List<LayerSpec> preprocessing) {
    var network =
        new NetworkSpec(preprocessing, Optional.of(zoo), List.of(), SampleData.CLASSES, Nets.INIT);
    return Nets.graph(Nets.configuration(network, Nets.optimizer(OptimizerSpec.Kind.SGD, 0.1, 0)));
  }
}
