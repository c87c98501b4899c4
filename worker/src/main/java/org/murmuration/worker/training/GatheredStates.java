package org.murmuration.worker.training;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.murmuration.worker.collective.Collective;

/**
 * What only single ranks know, brought to rank 0 in pieces and kept in a file there: of all ranks
 * together it may be more than a heap holds.
 */
final class GatheredStates implements Checkpoint.RankStates {
  private static final int PIECE = 1 << 20;

  private final FileChannel file;
  private final long[] starts;
  private final int[] lengths;

  private GatheredStates(FileChannel file, int... lengths) {
    this.file = file;
    this.lengths = lengths;
    this.starts = new long[lengths.length];
    for (int rank = 1; rank < lengths.length; rank++) {
      starts[rank] = starts[rank - 1] + lengths[rank - 1];
    }
  }

  /** Of ranks that keep nothing. */
  static Checkpoint.RankStates nothing(int ranks) {
    return new Checkpoint.RankStates() {
      @Override
      public int count() {
        return ranks;
      }

      @Override
      public byte[] of(int rank) {
        return new byte[0];
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Brings the states of all ranks together; all must call it, and only rank 0 gets them.
   *
   * @throws IOException when rank 0 has no room for them
   */
  static Checkpoint.RankStates gather(Collective collective, RankState state) throws IOException {
    var mine = state.encode();
    var lengths =
        collective
            .allGather(ByteBuffer.allocate(Integer.BYTES).putInt(mine.length).array())
            .stream()
            .mapToInt(bytes -> ByteBuffer.wrap(bytes).getInt())
            .toArray();
    var here = collective.rank() == 0;
    var gathered = here ? new GatheredStates(temporaryFile(), lengths) : nothing(lengths.length);
    int longest = Arrays.stream(lengths).max().orElse(0);
    for (int from = 0; from < longest; from += PIECE) {
      var piece =
          Arrays.copyOfRange(
              mine, Math.min(from, mine.length), Math.min(from + PIECE, mine.length));
      var pieces = collective.allGather(piece);
      if (gathered instanceof GatheredStates kept) {
        kept.put(from, pieces);
      }
    }
    return gathered;
  }

  private static FileChannel temporaryFile() throws IOException {
    return FileChannel.open(
        Files.createTempFile("murmuration-ranks", ".state"),
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  private void put(int from, List<byte[]> pieces) throws IOException {
    for (int rank = 0; rank < pieces.size(); rank++) {
      var piece = ByteBuffer.wrap(pieces.get(rank));
      while (piece.hasRemaining()) {
        file.write(piece, starts[rank] + from + piece.position());
      }
    }
  }

  @Override
  public int count() {
    return lengths.length;
  }

  @Override
  public byte[] of(int rank) throws IOException {
    var bytes = ByteBuffer.allocate(lengths[rank]);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, starts[rank] + bytes.position()) < 0) {
        throw new EOFException("the file of what ranks know ends early");
      }
    }
    return bytes.array();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
