package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;

/**
 * A rank that is a process. Its rendezvous is its parent: a message goes out as a line, and those
 * of all ranks come in as lines.
 */
final class ProcessRank {
  static final String GATHER = "GATHER ";
  static final String RESULT = "RESULT ";

  private ProcessRank() {}

  public static void main(String[] arguments) {
    var rank = Integer.parseInt(arguments[0]);
    var worldSize = Integer.parseInt(arguments[1]);
    var rendezvous = new ParentRendezvous(rank, worldSize);
    try (var collective =
        TransportCollective.connect(
            rendezvous,
            CollectiveSettings.defaults(),
            new AeronTransport.Host("127.0.0.1", Path.of(System.getProperty("java.io.tmpdir"))),
            JobIdentity.create(3, 0))) {
      for (int i = 2; i < arguments.length; i++) {
        System.out.println(RESULT + sumOf(collective, Integer.parseInt(arguments[i])));
      }
      collective.awaitAll();
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
