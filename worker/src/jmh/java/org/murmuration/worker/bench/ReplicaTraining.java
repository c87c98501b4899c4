package org.murmuration.worker.bench;

import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Murmuration, as a rank of a job of one trains: {@link Replica}'s gradient, then its update. */
final class ReplicaTraining implements Training {
  private final Replica replica;
  private final MultiDataSet batch;
  private final int count;
  private int iteration;

  ReplicaTraining(Cell cell) {
    replica = replica(cell);
    Dl4jGraphs.fill(replica.graph());
    batch = Dl4jGraphs.batch(cell);
    count = cell.batch();
  }

  private static Replica replica(Cell cell) {
    NativeBackend.prepare(cell.threads());
    return Replica.fromJson(Dl4jGraphs.configuration(cell).toJson());
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
    return "Murmuration on ND4J %s".formatted(NativeBackend.info().binary());
  }

  @Override
  public void close() {
    replica.graph().close();
  }
}
