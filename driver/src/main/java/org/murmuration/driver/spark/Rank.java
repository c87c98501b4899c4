package org.murmuration.driver.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.gpu.RankGpu;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.LinkProbe;
import org.murmuration.worker.collective.LinkProbe.Measurement;
import org.murmuration.worker.collective.TransportCollective;
import org.murmuration.worker.health.ContainerCheck;
import org.murmuration.worker.health.Finding;
import org.murmuration.worker.health.MemoryUse;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;

/** What a rank knows of the executor that it runs on. */
public final class Rank {
  private static final long BYTES_PER_MIB = 1 << 20;

  /** Spark has its own share, and a copy is not all that lies there. */
  private static final double MOST_OF_HEAP = 0.7;

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

  /**
   * Makes ready what this rank computes with, its GPU if it was given one; all ranks must call it,
   * before anything else of ND4J.
   *
   * @param threads that one operation may use
   * @throws org.murmuration.worker.accel.gpu.GpuException when the GPU is not to be used, or two
   *     ranks have the same
   */
  public void prepare(int threads) {
    var gpu = useGpu();
    if (gpu.isPresent()) {
      RankGpu.requireOneEach(gather(RankGpu.word(host(), gpu)));
    }
    NativeBackend.prepare(threads);
  }

  /**
   * Makes this process compute on the GPU that the rank was given.
   *
   * @return its UUID; empty when it was given none
   * @throws org.murmuration.worker.accel.gpu.GpuException when it is not to be used
   */
  public Optional<String> useGpu() {
    return RankGpu.use(gpus(), System.getenv());
  }

  /** The addresses of GPUs that Spark has given to this task. */
  List<String> gpus() {
    return Optional.ofNullable(context.resourcesJMap().get(RankResources.GPU))
        .map(gpu -> List.of(gpu.addresses()))
        .orElse(List.of());
  }

  /** What all ranks say, in their order; all must call it. */
  public List<String> gather(String word) {
    return new BarrierRendezvous(context).allGather(word);
  }

  /**
   * Measures the links with the other ranks of this stage; all must call it.
   *
   * @return those with higher ranks; empty when another rank doesn't reach all
   * @throws org.murmuration.worker.transport.UnreachablePeerException when this rank doesn't
   */
  public Optional<List<Measurement>> probe(CollectiveSettings settings, long jobId) {
    return LinkProbe.run(
        new BarrierRendezvous(context), settings.transport(), aeronHost(), identity(jobId));
  }

  /** The memory that the executor was promised, and what it takes. */
  public Finding container() throws IOException {
    return ContainerCheck.run(ExecutorMemory.promised(SparkEnv.get().conf()));
  }

  /**
   * Makes sure that the job can fit into this executor's container, before it takes memory.
   *
   * @throws JobRefusedException when it can't; the message says what limits it
   */
  public void requireRoom(RankMemory needed) {
    int ranks = ranksHere();
    long heapMib = Runtime.getRuntime().maxMemory() / BYTES_PER_MIB;
    var copies = ranks * needed.heapBytes() / BYTES_PER_MIB;
    if (copies > MOST_OF_HEAP * heapMib) {
      throw new JobRefusedException(
          "executor %s on %s has a heap of %d MiB, and a checkpoint takes %d MiB of it (parameters, optimizer and mean of the weights of %d ranks): raise spark.executor.memory"
              .formatted(executorId(), host(), heapMib, copies, ranks));
    }
    var least = ExecutorMemory.leastMib(heapMib, ranks, needed);
    long available = ContainerCheck.availableMib();
    if (available < least) {
      throw new JobRefusedException(
          "executor %s on %s may take %d MiB (the limit of its control group, or all that the host has), and the job needs at least %d MiB: a heap of %d MiB, and for each of %d ranks: %s. Give the container more memory, or lower spark.executor.memory, train.batch-size or data.memory-per-rank"
              .formatted(executorId(), host(), available, least, heapMib, ranks, needed));
    }
  }

  /**
   * The memory outside of the heap that this rank's images may take: what they are meant to have,
   * as far as half of what the JVM gives holds it for all ranks of the executor. The other half is
   * for what is averaged and for Spark.
   *
   * @param wantedBytes what they are meant to have
   */
  public long imageMemory(long wantedBytes) {
    return Math.min(wantedBytes, MemoryUse.directLimitBytes() / 2 / ranksHere());
  }

  private static int ranksHere() {
    return ExecutorShape.of(SparkEnv.get().conf()).ranks();
  }

  /** Joins the other ranks of this stage; all must call it. */
  public Collective connect(CollectiveSettings settings, long jobId) {
    return TransportCollective.connect(
        new BarrierRendezvous(context), settings, aeronHost(), identity(jobId));
  }

  private AeronTransport.Host aeronHost() {
    return new AeronTransport.Host(host(), localDirectory());
  }

  private JobIdentity identity(long jobId) {
    return JobIdentity.create(jobId, context.stageAttemptNumber());
  }
}
