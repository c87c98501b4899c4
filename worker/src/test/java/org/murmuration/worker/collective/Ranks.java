package org.murmuration.worker.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.murmuration.worker.transport.InMemoryRendezvous;
import org.murmuration.worker.transport.JobIdentity;
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

  /** The ranks meet over queues in memory. */
  public static <T> List<T> inMemory(int worldSize, int maxPayloadLength, Body<T> body) {
    var ring = new InMemoryRing(worldSize, maxPayloadLength, 4);
    return run(
        worldSize,
        rank ->
            new RingCollective(rank, worldSize, ring.link(rank), Duration.ofSeconds(20), () -> {}),
        body);
  }

  /** The ranks meet over Aeron on the loopback interface. */
  public static <T> List<T> overAeron(int worldSize, TransportSettings settings, Body<T> body) {
    var rendezvous = new InMemoryRendezvous(worldSize, LIMIT);
    return run(
        worldSize,
        rank ->
            RingCollective.connect(
                rendezvous.of(rank), settings, "127.0.0.1", JobIdentity.create(7, 0)),
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
