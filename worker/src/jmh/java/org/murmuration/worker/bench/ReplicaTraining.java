package org.murmuration.worker.bench;

import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Murmuration, as a rank of a job of one trains: {@link Replica}'s gradient, then its update. */
final class ReplicaTraining implements Training {
  private final Replica replica;
  private final MultiDataSet batch;
  private final int count;
  private int iteration;

  ReplicaTraining(Cell cell, Precision precision) {
    replica = replica(cell, precision);
    Dl4jGraphs.fill(replica.graph());
    batch = Dl4jGraphs.batch(cell);
    count = cell.batch();
  }

  /** Measures itself, as jobs do by default, whether several replicas are faster. */
  private static Replica replica(Cell cell, Precision precision) {
    NativeBackend.prepare(cell.threads());
    return Replica.fromJson(
        Dl4jGraphs.configuration(cell).toJson(),
        new ComputationSettings(precision, cell.threads(), 0));
  }

  @Override
  public double train() {
    replica.moveTo(0, iteration, iteration);
    iteration++;
    double loss = differentiate();
    replica.update(count);
    return loss;
  }

  @Override
  public double differentiate() {
    return replica.computeGradient(batch, count) / count;
  }

  @Override
  public long trainedParameters() {
    return Dl4jGraphs.trainedParameters(replica.graph());
  }

  @Override
  public String engine() {
    var info = replica.info();
    return "Murmuration %s, %d replicas of %d threads, %d layers compiled and %d in DL4J, ND4J %s"
        .formatted(
            info.precision(),
            info.replicas(),
            info.threads(),
            info.compiledLayers(),
            info.dl4jLayers().size(),
            NativeBackend.info().binary());
  }

  @Override
  public void close() {
    replica.close();
    replica.graph().close();
  }
}
