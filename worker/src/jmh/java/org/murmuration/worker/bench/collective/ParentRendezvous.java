package org.murmuration.worker.bench.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.transport.Rendezvous;

/**
 * Where the ranks of a {@link World} meet, seen from a rank: a message goes to the parent process
 * as a line, and those of all ranks come back as lines. The parent's patience ends every wait, for
 * it ends this process.
 */
final class ParentRendezvous implements Rendezvous {
  /** What a line begins with that is for all ranks. */
  static final String GATHER = "GATHER ";

  /** What a line begins with that is for the parent. */
  static final String REPORT = "REPORT ";

  private final int rank;
  private final int worldSize;
  private final BufferedReader fromParent =
      new BufferedReader(new InputStreamReader(System.in, UTF_8));

  ParentRendezvous(int rank, int worldSize) {
    this.rank = rank;
    this.worldSize = worldSize;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public List<String> allGather(String message) {
    System.out.println(GATHER + message);
    List<String> messages = new ArrayList<>();
    try {
      for (int i = 0; i < worldSize; i++) {
        var line = fromParent.readLine();
        if (line == null) {
          throw new IllegalStateException("the parent of rank " + rank + " is gone");
        }
        messages.add(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return messages;
  }

  /** Tells the parent what was measured. */
  void report(RankReport report) {
    System.out.println(REPORT + report.line());
  }
}
