package org.murmuration.worker.data.load;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.worker.data.source.Piece;

/**
 * The pieces of a split, and how their samples are numbered: those of the first piece from 0, those
 * of each other from where the one before ends.
 *
 * @param pieces in their order
 * @param counts how many samples each piece holds
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares splits.
public record SplitPieces(List<Piece> pieces, long[] counts) implements Serializable {

  /** Copies the list. */
  public SplitPieces {
    pieces = List.copyOf(pieces);
  }

  /** The number of all samples. */
  public long samples() {
    return Arrays.stream(counts).sum();
  }

  /** The number of each piece's first sample. */
  long[] firsts() {
    var firsts = counts.clone();
    Arrays.parallelPrefix(firsts, Long::sum);
    IntStream.range(0, firsts.length).forEach(i -> firsts[i] -= counts[i]);
    return firsts;
  }
}
