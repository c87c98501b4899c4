package org.murmuration.worker.data.cifar;

import java.io.IOException;

/** Receives the records of a split, one by one. */
@FunctionalInterface
public interface RecordVisitor {

  /**
   * Called for every record, in order.
   *
   * @param globalIndex the record's number in its split, from 0
   * @param label 0 to 9
   * @param buffer holds the image from {@code offset} on, valid during the call: 3 planes (red,
   *     green, blue) of 32 rows of 32 bytes
   */
  void record(long globalIndex, int label, byte[] buffer, int offset) throws IOException;
}
