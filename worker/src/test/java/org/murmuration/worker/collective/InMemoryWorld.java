package org.murmuration.worker.collective;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.PeerAddress;
import org.murmuration.worker.transport.Topology;
import org.murmuration.worker.transport.Transport;
import org.murmuration.worker.transport.TransportException;

/** Bounded queues between all ranks, so that the algorithms can be tested without a network. */
final class InMemoryWorld {
  private record Frame(long operation, ByteBuffer payload) {}

  private record Direction(int from, int to) {}

  private final Map<Direction, BlockingQueue<Frame>> queues = new ConcurrentHashMap<>();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private final Topology topology;
  private final int maxPayloadLength;
  private final int framesInFlight;

  InMemoryWorld(Topology topology, int maxPayloadLength, int framesInFlight) {
    this.topology = topology;
    this.maxPayloadLength = maxPayloadLength;
    this.framesInFlight = framesInFlight;
  }

  /**
   * Ranks dealt out in turn.
   *
   * @param processes so many Java processes in all
   * @param hosts so many hosts, to which the processes are dealt out in turn
   */
  static Topology topology(int worldSize, int processes, int hosts) {
    return new Topology(
        IntStream.range(0, worldSize)
            .mapToObj(
                rank -> {
                  var process = rank % processes;
                  return new PeerAddress(
                      rank, "memory", rank, "process" + process, "host" + process % hosts);
                })
            .toList());
  }

  Transport transport(int rank) {
    return new InMemoryTransport(rank);
  }

  private BlockingQueue<Frame> queue(int from, int to) {
    return queues.computeIfAbsent(
        new Direction(from, to), key -> new ArrayBlockingQueue<>(framesInFlight));
  }

  private final class InMemoryTransport implements Transport {
    private final int rank;

    InMemoryTransport(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int worldSize() {
      return topology.ranks().size();
    }

    @Override
    public Topology topology() {
      return topology;
    }

    @Override
    public Link link(int peer) {
      return new InMemoryLink(queue(rank, peer), queue(peer, rank), "rank " + peer);
    }

    @Override
    public Duration peerTimeout() {
      return Duration.ofSeconds(20);
    }

    @Override
    public void announce(String activity, long step) {}

    @Override
    public void requireHealthy() {
      verdict()
          .ifPresent(
              reason -> {
                throw new TransportException(reason);
              });
    }

    @Override
    public Optional<String> verdict() {
      return Optional.ofNullable(failure.get());
    }

    @Override
    public String condition(int peer) {
      return "unknown";
    }

    @Override
    public void abort(String reason) {
      failure.compareAndSet(null, reason);
    }

    @Override
    public long droppedFrames() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private final class InMemoryLink implements Link {
    private final BlockingQueue<Frame> outbox;
    private final BlockingQueue<Frame> inbox;
    private final String peer;

    InMemoryLink(BlockingQueue<Frame> outbox, BlockingQueue<Frame> inbox, String peer) {
      this.outbox = outbox;
      this.inbox = inbox;
      this.peer = peer;
    }

    @Override
    public int maxPayloadLength() {
      return maxPayloadLength;
    }

    @Override
    public boolean trySend(long operation, int length, FrameWriter writer) {
      if (outbox.remainingCapacity() == 0) {
        return false;
      }
      var payload = ByteBuffer.allocate(length);
      writer.write(new UnsafeBuffer(payload), 0);
      outbox.add(new Frame(operation, payload));
      return true;
    }

    @Override
    public boolean poll(long operation, FrameHandler handler) {
      var frame = inbox.poll();
      if (frame == null) {
        return false;
      }
      if (frame.operation != operation) {
        throw new AssertionError("frame of operation " + frame.operation + " in " + operation);
      }
      handler.onFrame(new UnsafeBuffer(frame.payload), 0, frame.payload.capacity());
      return true;
    }

    @Override
    public String peer() {
      return peer;
    }
  }
}
