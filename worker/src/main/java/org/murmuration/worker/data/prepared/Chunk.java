package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.data.source.Piece;

/**
 * Pieces of a source that one task prepares.
 *
 * @param split {@code train} or {@code test} where the source says so, or ""
 * @param pieces at least one
 */
public record Chunk(String split, List<Piece> pieces) implements Serializable {
  /**
   * A file costs about as much as so many bytes, whatever is in it: opening it takes that long on a
   * local disk, and longer elsewhere.
   */
  private static final long FILE_COST_BYTES = 16 << 10;

  /** Copies the pieces. */
  public Chunk {
    pieces = List.copyOf(pieces);
  }

  /**
   * Packs pieces, in their order, so that many small files make one task.
   *
   * @param most bytes of a chunk of more than one piece
   */
  public static List<Chunk> pack(String split, List<Piece> pieces, long most) {
    List<Chunk> chunks = new ArrayList<>();
    List<Piece> open = new ArrayList<>();
    long cost = 0;
    for (var piece : pieces) {
      long next = cost(piece);
      if (!open.isEmpty() && cost + next > most) {
        chunks.add(new Chunk(split, open));
        open.clear();
        cost = 0;
      }
      open.add(piece);
      cost += next;
    }
    if (!open.isEmpty()) {
      chunks.add(new Chunk(split, open));
    }
    return chunks;
  }

  /** About how long it takes, in bytes that are read in that time. */
  public long cost() {
    return pieces.stream().mapToLong(Chunk::cost).sum();
  }

  /** Of one piece. */
  public static long cost(Piece piece) {
    return piece.bytes() + FILE_COST_BYTES;
  }

  /** A name that only a chunk of the same pieces has. */
  public String name() {
    return Sha256.hex(split + pieces);
  }
}
