package org.murmuration.driver.spark;

import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.TransportException;

/**
 * The ranks of a barrier stage exchange words through Spark's own RPC, which authenticates and
 * encrypts as the cluster is set up to do. The deadline is Spark's {@code
 * spark.barrier.sync.timeout}.
 */
final class BarrierRendezvous implements Rendezvous {
  private final BarrierTaskContext context;

  BarrierRendezvous(BarrierTaskContext context) {
    this.context = context;
  }

  @Override
  public int rank() {
    return context.partitionId();
  }

  @Override
  public int worldSize() {
    return context.getTaskInfos().length;
  }

  @Override
  public List<String> allGather(String message) {
    try {
      return List.of(context.allGather(message));
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      throw new TransportException(
          "rank %d of %d waited for the others at the rendezvous in vain: %s"
              .formatted(rank(), worldSize(), e.getMessage()),
          e);
    }
  }
}
