package org.murmuration.worker.collective;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.InMemoryRendezvous;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;
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
    return overAeron(worldSize, settings, UnaryOperator.identity(), body);
  }

  /**
   * The same.
   *
   * @param network what stands between the ranks: changes what they are told of each other
   */
  static <T> List<T> overAeron(
      int worldSize,
      IntFunction<CollectiveSettings> settings,
      UnaryOperator<Rendezvous> network,
      Body<T> body) {
    var rendezvous = new InMemoryRendezvous(worldSize, LIMIT);
    var jobId = ThreadLocalRandom.current().nextLong();
    return run(
        worldSize,
        rank ->
            TransportCollective.connect(
                network.apply(rendezvous.of(rank)),
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
    List<Thread> started = Collections.synchronizedList(new ArrayList<>());
    var threads =
        Executors.newFixedThreadPool(
            worldSize,
            work -> {
              var thread = new Thread(work);
              started.add(thread);
              return thread;
            });
    try {
      var ended = new ExecutorCompletionService<T>(threads);
      List<Future<T>> ranks = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        var self = rank;
        ranks.add(
            ended.submit(
                () -> {
                  try (var collective = factory.apply(self)) {
                    return body.run(collective);
                  }
                }));
      }
      // In the order in which they end, for the others may wait for one that has failed.
      for (int i = 0; i < worldSize; i++) {
        var next = ended.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
          throw new AssertionError("a rank has not ended within " + LIMIT);
        }
        next.get();
      }
      List<T> results = new ArrayList<>();
      for (var rank : ranks) {
        results.add(rank.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      end(threads, started);
    }
  }

  private static void end(ExecutorService threads, List<Thread> started) {
    threads.shutdownNow();
    try {
      // The pool has terminated before its threads have.
      for (var thread : started) {
        thread.join(LIMIT.toMillis());
        if (thread.isAlive()) {
          throw new AssertionError("a rank can't be interrupted");
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
