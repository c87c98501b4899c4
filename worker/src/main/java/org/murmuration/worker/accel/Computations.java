package org.murmuration.worker.accel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.graph.GraphReader;
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.accel.plan.StepTime;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Chooses what a network is computed with. */
public final class Computations {

  private Computations() {}

  /**
   * The computation of a network in this thread, which {@link NativeBackend#prepare} was told how
   * many threads to use.
   *
   * @param graph an initialised network with a gradient vector
   * @throws UnsupportedOperationException when this machine lacks the precision; the message says
   *     what to do
   */
  public static Computation of(ComputationGraph graph, ComputationSettings settings) {
    requireSupported(settings.precision());
    var whole = ofWholeBatches(graph, settings);
    return settings.accumulate() == 1
        ? whole
        : new AccumulatingComputation(graph, whole, settings.accumulate());
  }

  private static Computation ofWholeBatches(ComputationGraph graph, ComputationSettings settings) {
    if (isOneReplica(graph, settings)) {
      return new NetworkComputation(
          graph, settings.precision(), settings.threads(), settings.segments());
    }
    return settings.replicas() == 0
        ? new TuningComputation(graph, settings)
        : new ParallelComputation(
            graph,
            settings.precision(),
            settings.replicas(),
            settings.threads() / settings.replicas(),
            settings.segments());
  }

  /**
   * Replicas normalise each its own part of a batch, which is another computation than normalising
   * all of it. Whoever wants that says so; a measurement must not decide it.
   */
  private static boolean isOneReplica(ComputationGraph graph, ComputationSettings settings) {
    return settings.threads() == 1
        || settings.replicas() == 1
        || (settings.replicas() == 0 && hasBatchNormalization(graph));
  }

  private static boolean hasBatchNormalization(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .anyMatch(layer -> layer.conf().getLayer() instanceof BatchNormalization);
  }

  /**
   * Where each layer of a network would run in training; nothing is computed.
   *
   * @param graph an initialised network
   * @param featureShapes of a batch's inputs
   */
  public static List<Placement> placements(ComputationGraph graph, List<long[]> featureShapes) {
    try {
      return GraphReader.read(graph, featureShapes, true).placements();
    } catch (NotCompilableException e) {
      return GraphReader.allInDl4j(graph, e.getMessage());
    }
  }

  /**
   * What each step of a training step takes, in the order in which they run: the fastest of several
   * runs, since whatever else a machine does makes it slower.
   *
   * @param graph an initialised network with a gradient vector
   * @param runs how often, at least 1
   */
  public static List<StepTime> profile(
      ComputationGraph graph, Precision precision, MultiDataSet batch, int runs) {
    requireSupported(precision);
    try (var computation = new CompiledComputation(graph, precision)) {
      List<StepTime> best = computation.profile(batch);
      for (int run = 1; run < runs; run++) {
        best = faster(best, computation.profile(batch));
      }
      return best;
    }
  }

  /**
   * The memory that a rank of a job takes for its network.
   *
   * @param graph an initialised network with a gradient vector
   * @param batch of a rank's size; it is not looked into
   */
  public static MemoryNeed memory(
      ComputationGraph graph, ComputationSettings settings, MultiDataSet batch) {
    long samples = batch.getFeatures(0).size(0);
    int replicas = isOneReplica(graph, settings) ? 1 : Math.max(settings.replicas(), 1);
    long own = upTo(upTo(samples, settings.accumulate()), replicas);
    long vector = graph.numParams() * (long) Float.BYTES;
    var state = graph.getUpdater().getStateViewArray();
    long gradients = vector * (replicas + (settings.accumulate() > 1 ? 1 : 0));
    return new MemoryNeed(
        vector,
        gradients,
        state == null ? 0 : state.length() * Float.BYTES,
        activations(graph, settings, BatchRows.of(batch, 0, own)).stream()
            .map(bytes -> bytes * replicas)
            .findAny());
  }

  /** The largest of so many parts. */
  private static long upTo(long samples, int parts) {
    return (samples + parts - 1) / parts;
  }

  private static Optional<Long> activations(
      ComputationGraph graph, ComputationSettings settings, MultiDataSet batch) {
    if (NativeBackend.whyNotCompiled().isPresent()) {
      return Optional.empty();
    }
    try (var computation =
        new CompiledComputation(graph, settings.precision(), settings.segments())) {
      return Optional.of(computation.bytes(batch));
    } catch (NotCompilableException e) {
      return Optional.empty();
    }
  }

  private static List<StepTime> faster(List<StepTime> one, List<StepTime> other) {
    return IntStream.range(0, one.size())
        .mapToObj(i -> one.get(i).nanos() < other.get(i).nanos() ? one.get(i) : other.get(i))
        .toList();
  }

  private static void requireSupported(Precision precision) {
    var refused = NativeBackend.whyNot(precision);
    if (refused.isPresent()) {
      throw new UnsupportedOperationException(refused.get());
    }
  }
}
