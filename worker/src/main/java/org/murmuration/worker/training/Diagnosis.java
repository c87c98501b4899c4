package org.murmuration.worker.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.data.SampleNumbers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Where in a rank's step numbers stopped being finite: found by going through the network once
 * more, so it costs nothing as long as all is well.
 *
 * @param rank of which
 * @param place such as {@code the output of layer conv1}; empty when this rank's numbers are good
 * @param samples the numbers of those samples of the batch in whose rows it shows; of all of them
 *     where it shows in no single ones
 */
record Diagnosis(int rank, String place, List<Long> samples) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_NAMED = 20;

  static Diagnosis good(int rank) {
    return new Diagnosis(rank, "", List.of());
  }

  /**
   * Looks for the place: the input, the first layer in the order of the forward pass whose output
   * is not finite, or else the last whose gradient is not.
   *
   * @param replica whose gradient vector is this rank's own
   */
  static Diagnosis of(int rank, Replica replica, MultiDataSet batch) {
    var numbers = SampleNumbers.of(batch);
    for (var features : batch.getFeatures()) {
      if (!finite(features)) {
        return new Diagnosis(rank, "the input", rows(features, numbers));
      }
    }
    var graph = replica.graph();
    Map<String, INDArray> outputs = graph.feedForward(batch.getFeatures(), true, false);
    for (var vertex : graph.topologicalSortOrder()) {
      var name = graph.getVertices()[vertex].getVertexName();
      var output = outputs.get(name);
      if (output != null && !finite(output)) {
        return new Diagnosis(rank, "the output of layer " + name, rows(output, numbers));
      }
    }
    return replica.hasFiniteGradient()
        ? new Diagnosis(rank, "the loss", numbers)
        : new Diagnosis(rank, "the gradient of layer " + lastBad(graph), numbers);
  }

  private static String lastBad(ComputationGraph graph) {
    var order = graph.topologicalSortOrder();
    for (int i = order.length - 1; i >= 0; i--) {
      var vertex = graph.getVertices()[order[i]];
      if (vertex.hasLayer()
          && vertex.getLayer().getGradientsViewArray() != null
          && !finite(vertex.getLayer().getGradientsViewArray())) {
        return vertex.getVertexName();
      }
    }
    return "(none)";
  }

  private static boolean finite(INDArray values) {
    return finite(floats(values));
  }

  private static float[] floats(INDArray values) {
    return values.castTo(DataType.FLOAT).dup('c').data().asFloat();
  }

  private static List<Long> rows(INDArray values, List<Long> numbers) {
    var flat = floats(values);
    int each = (int) (values.length() / values.size(0));
    var bad =
        IntStream.range(0, numbers.size())
            .filter(row -> !finite(Arrays.copyOfRange(flat, row * each, (row + 1) * each)))
            .mapToObj(numbers::get)
            .toList();
    return bad.isEmpty() ? numbers : bad;
  }

  private static boolean finite(float... values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  boolean isGood() {
    return place.isEmpty();
  }

  byte[] encode() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Diagnosis decode(byte[] bytes) {
    try {
      return JSON.readValue(bytes, Diagnosis.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong, over all ranks, in words. */
  static String together(List<Diagnosis> ranks) {
    var bad = ranks.stream().filter(diagnosis -> !diagnosis.isGood()).toList();
    return bad.isEmpty()
        ? "the sum of the ranks' gradients is not finite, though each rank's own is"
        : bad.stream().map(Diagnosis::toString).collect(Collectors.joining("; "));
  }

  @Override
  public String toString() {
    var named =
        samples.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    var more = samples.size() - MOST_NAMED;
    return "on rank %d %s is not finite, for training sample%s %s%s"
        .formatted(
            rank,
            place,
            samples.size() == 1 ? "" : "s",
            named.isEmpty() ? "of no number" : named,
            more > 0 ? " and %d more".formatted(more) : "");
  }
}
