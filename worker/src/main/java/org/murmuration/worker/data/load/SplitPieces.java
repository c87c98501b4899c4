package org.murmuration.worker.data.load;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.worker.data.prepared.Chunk;
import org.murmuration.worker.data.source.Piece;

/**
 * Pieces of a split that follow each other, and how their samples are numbered: those of each piece
 * from where the one before ends.
 *
 * @param pieces in their order
 * @param counts how many samples each piece holds
 * @param first the number of the first sample
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares splits.
public record SplitPieces(List<Piece> pieces, long[] counts, long first) implements Serializable {

  /** Copies the list. */
  public SplitPieces {
    pieces = List.copyOf(pieces);
  }

  /** A whole split. */
  public SplitPieces(List<Piece> pieces, long[] counts) {
    this(pieces, counts, 0);
  }

  /** The number of all samples. */
  public long samples() {
    return Arrays.stream(counts).sum();
  }

  /** Bytes of the pieces with more than one sample, which several ranks have to read. */
  public long sharedBytes() {
    return IntStream.range(0, counts.length)
        .filter(piece -> counts[piece] > 1)
        .mapToLong(piece -> pieces.get(piece).bytes())
        .sum();
  }

  /**
   * Cuts the split into portions of whole pieces.
   *
   * @param most of a portion with more than one piece, in the measure of {@link Chunk#cost}
   */
  public List<SplitPieces> portions(long most) {
    List<SplitPieces> portions = new ArrayList<>();
    var firsts = firsts();
    int from = 0;
    for (var chunk : Chunk.pack("", pieces, most)) {
      int to = from + chunk.pieces().size();
      portions.add(
          new SplitPieces(chunk.pieces(), Arrays.copyOfRange(counts, from, to), firsts[from]));
      from = to;
    }
    return portions;
  }

  /** The number of each piece's first sample. */
  long[] firsts() {
    var firsts = counts.clone();
    Arrays.parallelPrefix(firsts, Long::sum);
    IntStream.range(0, firsts.length).forEach(i -> firsts[i] += first - counts[i]);
    return firsts;
  }
}
