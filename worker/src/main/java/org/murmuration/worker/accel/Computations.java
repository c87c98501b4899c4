package org.murmuration.worker.accel;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.graph.GraphReader;
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.plan.Precision;

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
    if (settings.threads() == 1 || settings.replicas() == 1) {
      return new NetworkComputation(graph, settings.precision(), settings.threads());
    }
    return settings.replicas() == 0
        ? new TuningComputation(graph, settings)
        : new ParallelComputation(
            graph,
            settings.precision(),
            settings.replicas(),
            settings.threads() / settings.replicas());
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

  private static void requireSupported(Precision precision) {
    var refused = NativeBackend.whyNot(precision);
    if (refused.isPresent()) {
      throw new UnsupportedOperationException(refused.get());
    }
  }
}
