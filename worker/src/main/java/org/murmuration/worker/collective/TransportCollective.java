package org.murmuration.worker.collective;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.Transport;
import org.murmuration.worker.transport.TransportException;

/** The collective operations over a transport. */
public final class TransportCollective implements Collective {
  private final Transport transport;
  private final boolean lossy;
  private final Composition composition;
  private final Optional<ProcessGroup> process;
  private final AllReduce allReduce;
  private final Optional<RingAllGather> allGather;
  private final Runnable farewell;
  private long operation;
  private boolean closed;

  /**
   * @param attempt names the attempt of the job, and no other
   * @param farewell returns when all ranks have called it: a rank that leaves earlier takes what
   *     its peers have not received with it
   */
  TransportCollective(
      Transport transport, CollectiveSettings settings, String attempt, Runnable farewell) {
    this.transport = transport;
    // What has no fixed width leaves something out.
    this.lossy = settings.wire().valueCodec().map(ValueCodec::lossy).orElse(true);
    this.farewell = farewell;
    this.composition = Composition.of(transport.topology(), transport.rank(), settings.algorithm());
    this.process =
        composition.process().size() > 1
            ? Optional.of(
                ProcessGroup.join(
                    attempt + " rank " + composition.process().get(0),
                    composition.process().size()))
            : Optional.empty();
    this.allReduce = composition.allReduce(transport, settings, process);
    var world = IntStream.range(0, transport.worldSize()).boxed().toList();
    this.allGather =
        world.size() > 1
            ? Optional.of(new RingAllGather(transport, Group.of(world, transport.rank())))
            : Optional.empty();
  }

  /**
   * Joins the other ranks over Aeron; all ranks must call it.
   *
   * @param host where this rank runs
   * @throws TransportException when a peer cannot be reached within the peer timeout
   */
  public static TransportCollective connect(
      Rendezvous rendezvous,
      CollectiveSettings settings,
      AeronTransport.Host host,
      JobIdentity job) {
    return new TransportCollective(
        AeronTransport.connect(
            rendezvous,
            settings.transport(),
            host,
            job,
            (topology, rank) -> Composition.peers(topology, rank, settings.algorithm())),
        settings,
        job.toString(),
        () -> rendezvous.allGather("done"));
  }

  @Override
  public int rank() {
    return transport.rank();
  }

  @Override
  public int worldSize() {
    return transport.worldSize();
  }

  @Override
  public long droppedFrames() {
    return transport.droppedFrames();
  }

  @Override
  public String arrangement() {
    var topology = transport.topology();
    return "%d ranks in %d processes on %d hosts"
        .formatted(worldSize(), topology.processes().size(), topology.hosts().size());
  }

  @Override
  public boolean isLossy() {
    return lossy;
  }

  @Override
  public void allReduceSum(UnsafeBuffer vector, Residual residual) {
    run(
        "all-reduce",
        () -> {
          allReduce.run(new Summand(vector, residual), operation);
          return vector;
        });
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    return run(
        "all-gather",
        () -> allGather.map(ring -> ring.run(message, operation)).orElse(List.of(message)));
  }

  @Override
  public void announce(String activity, long step) {
    transport.announce(activity, step);
  }

  @Override
  public void abort(String reason) {
    transport.abort("rank " + rank() + " failed: " + reason);
  }

  @Override
  public void awaitAll() {
    farewell.run();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    process.ifPresent(ProcessGroup::leave);
    transport.close();
  }

  private <T> T run(String name, Supplier<T> body) {
    try {
      return body.get();
    } catch (TransportException e) {
      var reason = transport.verdict().orElse("rank " + rank() + " lost a peer: " + e.getMessage());
      transport.abort(reason);
      throw new CollectiveException("%s %d: %s".formatted(name, operation, reason), e);
    } catch (CollectiveException e) {
      transport.abort(e.getMessage());
      throw e;
    } finally {
      operation++;
    }
  }
}
