package org.murmuration.driver.spark;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.TransportCollective;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;

/** What a rank knows of the executor that it runs on. */
public final class Rank {
  private final BarrierTaskContext context;

  /** The rank of a barrier task. */
  public Rank(BarrierTaskContext context) {
    this.context = context;
  }

  /** 0 to {@code worldSize() - 1}. */
  public int rank() {
    return context.partitionId();
  }

  /** The number of ranks. */
  public int worldSize() {
    return context.getTaskInfos().length;
  }

  /** Spark's name for the executor. */
  public String executorId() {
    return SparkEnv.get().executorId();
  }

  /** The host name or address under which Spark's own executors reach this one. */
  public String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  /** The executor's folder for temporary files, which the cluster manager provides and removes. */
  public Path localDirectory() {
    return Path.of(Utils.getLocalDir(SparkEnv.get().conf()));
  }

  /** What all ranks say, in their order; all must call it. */
  public List<String> gather(String word) {
    return new BarrierRendezvous(context).allGather(word);
  }

  /** Joins the other ranks of this stage; all must call it. */
  public Collective connect(CollectiveSettings settings, long jobId) {
    return TransportCollective.connect(
        new BarrierRendezvous(context),
        settings,
        new AeronTransport.Host(host(), localDirectory()),
        JobIdentity.create(jobId, context.stageAttemptNumber()));
  }
}
