package org.murmuration.worker.data.source;

import java.io.IOException;
import org.murmuration.worker.data.Split;

/**
 * A data set in one of the forms that people keep it in, on any Hadoop file system. Holds no open
 * file between calls; any number of threads may use it.
 */
public interface SampleSource {

  /**
   * Finds the pieces of a split without opening more of them than it must.
   *
   * @throws org.murmuration.worker.data.BadDataException when there is nothing, or nothing of this
   *     form
   */
  Listing list(Split split) throws IOException;

  /** Whether {@link #summarise} knows without opening the piece. */
  default boolean summarisesWithoutReading() {
    return false;
  }

  /**
   * Counts the samples of a piece and collects their labels, and reads no more than that needs.
   *
   * @throws org.murmuration.worker.data.BadDataException when the piece isn't of this form
   */
  PieceSummary summarise(Piece piece) throws IOException;

  /**
   * Shows the visitor every sample of a piece.
   *
   * @throws org.murmuration.worker.data.BadDataException when the piece isn't of this form, or is
   *     cut short
   * @throws IOException when the file system or the visitor fails
   */
  void read(Piece piece, SampleVisitor visitor) throws IOException;
}
