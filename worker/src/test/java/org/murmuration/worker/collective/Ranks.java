package org.murmuration.worker.collective;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.InMemoryRendezvous;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Topology;
import org.murmuration.worker.transport.TransportSettings;

/** Runs the ranks of a world as threads. */
public final class Ranks {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Ranks() {}

  /** What a rank does with its collective. */
  @FunctionalInterface
  public interface Body<T> {
    T run(Collective collective) throws Exception;
  }

  /** The ranks meet over queues in memory, each in a process and host of its own. */
  public static <T> List<T> inMemory(int worldSize, int maxPayloadLength, Body<T> body) {
    return inMemory(worldSize, CollectiveSettings.defaults(), maxPayloadLength, body);
  }

  /** The ranks meet over queues in memory, each in a process and host of its own. */
  public static <T> List<T> inMemory(
      int worldSize, CollectiveSettings settings, int maxPayloadLength, Body<T> body) {
    return inMemory(
        InMemoryWorld.topology(worldSize, worldSize, worldSize), settings, maxPayloadLength, body);
  }

  /** The ranks meet over queues in memory. */
  static <T> List<T> inMemory(
      Topology topology, CollectiveSettings settings, int maxPayloadLength, Body<T> body) {
    var world = new InMemoryWorld(topology, maxPayloadLength, 4);
    var attempt = UUID.randomUUID().toString();
    return run(
        topology.ranks().size(),
        rank -> new TransportCollective(world.transport(rank), settings, attempt, () -> {}),
        body);
  }

  /** The ranks meet over Aeron as one host's do. */
  public static <T> List<T> overAeron(int worldSize, TransportSettings settings, Body<T> body) {
    return overAeron(worldSize, rank -> CollectiveSettings.exact(Algorithm.AUTO, settings), body);
  }

  /**
   * The ranks meet over Aeron on the loopback interface; those with the same folder for buffers are
   * on one host, the others reach each other by UDP.
   */
  public static <T> List<T> overAeron(
      int worldSize, IntFunction<CollectiveSettings> settings, Body<T> body) {
    var rendezvous = new InMemoryRendezvous(worldSize, LIMIT);
    var jobId = ThreadLocalRandom.current().nextLong();
    return run(
        worldSize,
        rank ->
            TransportCollective.connect(
                rendezvous.of(rank),
                settings.apply(rank),
                new AeronTransport.Host("127.0.0.1", Path.of(System.getProperty("java.io.tmpdir"))),
                JobIdentity.create(jobId, 0)),
        collective -> {
          var result = body.run(collective);
          collective.awaitAll();
          return result;
        });
  }

  private static <T> List<T> run(int worldSize, IntFunction<Collective> factory, Body<T> body) {
    var threads = Executors.newFixedThreadPool(worldSize);
    try {
      var futures =
          java.util.stream.IntStream.range(0, worldSize)
              .mapToObj(
                  rank ->
                      threads.submit(
                          () -> {
                            try (var collective = factory.apply(rank)) {
                              return body.run(collective);
                            }
                          }))
              .toList();
      List<T> results = new ArrayList<>();
      for (var future : futures) {
        results.add(future.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
