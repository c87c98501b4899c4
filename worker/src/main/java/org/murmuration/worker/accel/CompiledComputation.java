package org.murmuration.worker.accel;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.graph.GraphReader;
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.OneDnnException;
import org.murmuration.worker.accel.plan.Arena;
import org.murmuration.worker.accel.plan.Batch;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Plan;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.accel.plan.StepTime;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network compiled once for each shape of batch, on the processor. DL4J remains the owner: the
 * plans read its flat vector of parameters and fill its flat vector of gradients.
 */
final class CompiledComputation implements AutoCloseable {

  /** Shapes differ at the end of an epoch and in evaluation; more than these are a mistake. */
  private static final int MOST_PLANS = 8;

  /** What a plan was compiled for. */
  private record Key(
      boolean training, boolean weighted, List<String> features, List<String> labels) {}

  private final ComputationGraph graph;
  private final Precision precision;
  private final int segments;
  private final RegularizationScore regularization;
  private final Arena arena = new Arena();
  private final Map<Key, Plan> plans = new LinkedHashMap<>(MOST_PLANS, 0.75f, true);
  private List<Placement> placements = List.of();
  private SampleLosses sampleLosses = SampleLosses.UNKNOWN;

  /** Keeps all activations for the backward pass. */
  CompiledComputation(ComputationGraph graph, Precision precision) {
    this(graph, precision, ComputationSettings.PLAIN.segments());
  }

  /**
   * @param segments as {@link ComputationSettings#segments} has it
   */
  CompiledComputation(ComputationGraph graph, Precision precision, int segments) {
    this.graph = graph;
    this.precision = precision;
    this.segments = segments;
    this.regularization = new RegularizationScore(graph);
  }

  /** Where each layer runs, as of the last plan; empty before. */
  List<Placement> placements() {
    return placements;
  }

  double computeGradient(MultiDataSet batch, GradientListener listener) {
    var loss =
        train(
            batch,
            (plan, at) -> {
              sampleLosses = plan.sampleLosses();
              return plan.run(at, listener);
            });
    return loss + regularization.value() * batch.getFeatures(0).size(0);
  }

  /** What the last gradient's computation found out about each sample. */
  SampleLosses sampleLosses() {
    return sampleLosses;
  }

  /**
   * The outputs of images don't depend on how many others are computed with them. oneDNN sums up
   * products of a single row in another order, so an image alone is computed twice.
   */
  INDArray[] output(INDArray... features) {
    return features[0].size(0) == 1
        ? BatchRows.of(outputOfMany(twice(features)), 0, 1)
        : outputOfMany(features);
  }

  private static INDArray[] twice(INDArray... features) {
    return Stream.of(features)
        .map(feature -> Nd4j.concat(0, feature, feature))
        .toArray(INDArray[]::new);
  }

  private INDArray[] outputOfMany(INDArray... features) {
    return run(
        false,
        false,
        usable(features),
        new INDArray[0],
        (plan, at) -> {
          plan.run(at, GradientListener.NONE);
          return plan.outputs();
        });
  }

  /** The bytes that one training step works in, beside the vectors and the batch; runs nothing. */
  long bytes(MultiDataSet batch) {
    return plan(true, isWeighted(batch), usable(batch.getFeatures()), floats(labels(batch)))
        .bytes();
  }

  /** What each step of one training step takes. */
  List<StepTime> profile(MultiDataSet batch) {
    return train(batch, Plan::profile);
  }

  private <T> T train(MultiDataSet batch, BiFunction<Plan, Batch, T> use) {
    return run(true, isWeighted(batch), usable(batch.getFeatures()), floats(labels(batch)), use);
  }

  /** ND4J frees an array that nobody reads any more; a plan reads memory of which it knows not. */
  private <T> T run(
      boolean training,
      boolean weighted,
      INDArray[] features,
      INDArray[] labels,
      BiFunction<Plan, Batch, T> use) {
    try {
      return use.apply(plan(training, weighted, features, labels), at(features, labels));
    } finally {
      Reference.reachabilityFence(features);
      Reference.reachabilityFence(labels);
    }
  }

  /** Whether a batch has no masks but the weights of its samples. */
  static boolean takes(MultiDataSet batch) {
    return !batch.hasMaskArrays() || isWeighted(batch);
  }

  /** Whether a batch says how much each sample weighs: as a mask of labels. */
  private static boolean isWeighted(MultiDataSet batch) {
    var features = batch.getFeaturesMaskArrays();
    var masks = batch.getLabelsMaskArrays();
    return masks != null
        && (features == null || Stream.of(features).allMatch(Objects::isNull))
        && masks.length == 1
        && masks[0] != null
        && batch.getLabels(0).rank() == 2
        && masks[0].length() == batch.getLabels(0).size(0);
  }

  private static boolean weighs(Operation operation) {
    return !operation.isLoss() || operation.weighsSamples();
  }

  /** With the weights of samples as the last. */
  private static INDArray[] labels(MultiDataSet batch) {
    return Stream.of(batch.getLabels(), batch.getLabelsMaskArrays())
        .filter(Objects::nonNull)
        .flatMap(Stream::of)
        .toArray(INDArray[]::new);
  }

  @Override
  public void close() {
    plans.values().forEach(Plan::close);
    plans.clear();
    arena.close();
  }

  private Plan plan(boolean training, boolean weighted, INDArray[] features, INDArray... labels) {
    graph.setInputs(features);
    var key = new Key(training, weighted, describe(features), describe(labels));
    var plan = plans.get(key);
    if (plan == null) {
      makeRoom();
      plan = compile(training, weighted, features, labels);
      plans.put(key, plan);
    }
    return plan;
  }

  private void makeRoom() {
    if (plans.size() == MOST_PLANS) {
      var oldest = plans.entrySet().iterator();
      oldest.next().getValue().close();
      oldest.remove();
    }
  }

  /**
   * @throws NotCompilableException when DL4J must compute all of it
   */
  private Plan compile(
      boolean training, boolean weighted, INDArray[] features, INDArray... labels) {
    var reading = GraphReader.read(graph, shapes(features), training);
    placements = reading.placements();
    if (weighted
        && !reading.program().operations().stream().allMatch(CompiledComputation::weighs)) {
      throw new NotCompilableException("its loss takes no weights of samples");
    }
    var types = Arrays.stream(features).map(CompiledComputation::elementType).toList();
    try {
      return new Plan(
          reading.program(), types, shapes(labels), weighted, precision, training, segments, arena);
    } catch (OneDnnException e) {
      if (!e.isUnimplemented()) {
        throw e;
      }
      throw new NotCompilableException("on this processor: " + e.getMessage());
    }
  }

  private Batch at(INDArray[] features, INDArray... labels) {
    return new Batch(
        address(graph.params()),
        address(graph.getFlattenedGradients()),
        addresses(features),
        addresses(labels));
  }

  private static List<Long> addresses(INDArray... arrays) {
    return Stream.of(arrays).map(CompiledComputation::address).toList();
  }

  private static long address(INDArray array) {
    return array.data().address() + array.offset() * array.data().getElementSize();
  }

  private static ElementType elementType(INDArray array) {
    return array.dataType() == DataType.UINT8 ? ElementType.U8 : ElementType.F32;
  }

  private static List<String> describe(INDArray... arrays) {
    return Stream.of(arrays).map(a -> a.dataType() + Arrays.toString(a.shape())).toList();
  }

  private static List<long[]> shapes(INDArray... arrays) {
    return new ArrayList<>(Stream.of(arrays).map(INDArray::shape).toList());
  }

  private static INDArray[] usable(INDArray... features) {
    return Stream.of(features).map(CompiledComputation::usable).toArray(INDArray[]::new);
  }

  private static INDArray usable(INDArray feature) {
    if (feature.dataType() == DataType.UINT8) {
      return rowMajor(feature);
    }
    if (feature.dataType().isFPType()) {
      return rowMajor(feature.castTo(DataType.FLOAT));
    }
    throw new NotCompilableException(
        "an input is of type %s, compiled are UINT8 and floating point"
            .formatted(feature.dataType()));
  }

  private static INDArray[] floats(INDArray... labels) {
    return Stream.of(labels).map(a -> rowMajor(a.castTo(DataType.FLOAT))).toArray(INDArray[]::new);
  }

  private static INDArray rowMajor(INDArray array) {
    return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array)
        ? array
        : array.dup('c');
  }
}
