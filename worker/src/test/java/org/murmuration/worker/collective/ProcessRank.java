package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.TransportException;
import org.murmuration.worker.transport.TransportSettings;

/**
 * A rank that is a process. Its rendezvous is its parent: a message goes out as a line, and those
 * of all ranks come in as lines.
 */
final class ProcessRank {
  static final String GATHER = "GATHER ";
  static final String RESULT = "RESULT ";
  static final String FAILED = "FAILED ";

  private static final long JOB = 3;

  /** What a rank may be told to do, with numbers. */
  private static final Map<String, BiConsumer<Collective, int[]>> TASKS =
      Map.of(
          "sum", ProcessRank::sumEach,
          "sum-forever", ProcessRank::sumForever,
          "time", ProcessRank::timeSums);

  private ProcessRank() {}

  /**
   * Which rank it is and where.
   *
   * @param host the name under which the others reach it
   * @param directory of the host's buffers: ranks with the same one share a host
   */
  record Place(
      int rank, int worldSize, int attempt, String host, Path directory, Duration patience) {

    List<String> arguments() {
      return List.of(
          Integer.toString(rank),
          Integer.toString(worldSize),
          Integer.toString(attempt),
          host,
          directory.toString(),
          patience.toString());
    }

    static Place parse(String[] arguments) {
      return new Place(
          Integer.parseInt(arguments[0]),
          Integer.parseInt(arguments[1]),
          Integer.parseInt(arguments[2]),
          arguments[3],
          Path.of(arguments[4]),
          Duration.parse(arguments[5]));
    }
  }

  public static void main(String[] arguments) {
    var place = Place.parse(arguments);
    var task = TASKS.get(arguments[6]);
    var numbers =
        Arrays.stream(arguments, 7, arguments.length).mapToInt(Integer::parseInt).toArray();
    try (var collective = connect(place)) {
      task.accept(collective, numbers);
      collective.awaitAll();
    } catch (CollectiveException | TransportException e) {
      System.out.println(FAILED + e.getMessage());
    } catch (RuntimeException e) {
      System.out.println(FAILED + e);
      throw e;
    }
  }

  private static Collective connect(Place place) {
    return TransportCollective.connect(
        new ParentRendezvous(place.rank, place.worldSize),
        CollectiveSettings.exact(
            Algorithm.AUTO,
            TransportSettings.defaults()
                .withDirectory(place.directory.toString())
                .withPeerTimeout(place.patience)),
        new AeronTransport.Host(place.host, Path.of(System.getProperty("java.io.tmpdir"))),
        JobIdentity.create(JOB, place.attempt));
  }

  private static void sumEach(Collective collective, int[] sizes) {
    for (int size : sizes) {
      System.out.println(RESULT + sumOf(collective, size));
    }
  }

  /** Rank r holds i mod 89 + r at index i; the sum over all elements and ranks comes out. */
  private static long sumOf(Collective collective, int size) {
    var vector = new UnsafeBuffer(new byte[size * Float.BYTES]);
    for (int i = 0; i < size; i++) {
      vector.putFloat(i * Float.BYTES, i % 89 + collective.rank());
    }
    collective.allReduceSum(vector, Residual.none());
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += (long) vector.getFloat(i * Float.BYTES);
    }
    return sum;
  }

  /** Sums vectors of this size, and says each time how often it has. */
  private static void sumForever(Collective collective, int[] size) {
    for (int n = 0; ; n++) {
      var vector = WholeNumbers.vector(collective.rank(), size[0], n);
      collective.allReduceSum(vector, Residual.none());
      WholeNumbers.requireSum(vector, collective.worldSize(), n);
      System.out.println(RESULT + (n + 1));
    }
  }

  /** Sums vectors of this size so often, and says how many nanoseconds each took. */
  private static void timeSums(Collective collective, int[] sizeAndCount) {
    for (int n = 0; n < sizeAndCount[1]; n++) {
      var vector = WholeNumbers.vector(collective.rank(), sizeAndCount[0], n);
      collective.allGather(new byte[0]);
      var startNs = System.nanoTime();
      collective.allReduceSum(vector, Residual.none());
      System.out.println(RESULT + (System.nanoTime() - startNs));
      WholeNumbers.requireSum(vector, collective.worldSize(), n);
    }
  }

  private record ParentRendezvous(int rank, int worldSize, BufferedReader in)
      implements Rendezvous {

    ParentRendezvous(int rank, int worldSize) {
      this(rank, worldSize, new BufferedReader(new InputStreamReader(System.in, UTF_8)));
    }

    @Override
    public List<String> allGather(String message) {
      System.out.println(GATHER + message);
      List<String> messages = new ArrayList<>();
      try {
        for (int i = 0; i < worldSize; i++) {
          messages.add(in.readLine());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return messages;
    }
  }
}
