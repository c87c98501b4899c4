package org.murmuration.worker.data.cifar;

import java.io.IOException;

/** Takes the records of a split one by one. */
public interface RecordVisitor {

  /**
   * One record.
   *
   * @param globalIndex the record's number within the split, from 0, in the order of the batch
   *     files' numbers
   * @param label 0..9
   * @param pixels holds the 3,072 bytes of the image (red, green, blue; row-major) from {@code
   *     offset} on; only good until the method returns
   */
  void record(long globalIndex, int label, byte[] pixels, int offset) throws IOException;
}
