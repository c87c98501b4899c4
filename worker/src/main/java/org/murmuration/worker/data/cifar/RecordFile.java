package org.murmuration.worker.data.cifar;

import static org.murmuration.worker.data.cifar.Cifar10.RECORD_BYTES;

import java.io.IOException;
import java.io.InputStream;
import org.murmuration.worker.data.BadDataException;

/**
 * One batch file: whole records, nothing else.
 *
 * @param name of the file
 * @param bytes its length
 * @param place where it is kept, for messages
 */
record RecordFile(String name, long bytes, String place) {

  private static final int BLOCK_RECORDS = 256;

  /**
   * The number of records.
   *
   * @throws BadDataException when the length is 0 or leaves a part of a record
   */
  long records() throws BadDataException {
    if (bytes == 0) {
      throw new BadDataException(
          "%s in %s is empty; copy or download it again".formatted(name, place));
    }
    long rest = bytes % RECORD_BYTES;
    if (rest != 0) {
      throw new BadDataException(
          "%s in %s has %d bytes, not a multiple of the %d bytes of a record: the last whole record ends at byte %d, %d bytes follow. The file is cut short or is not in CIFAR-10's binary format; copy or download it again"
              .formatted(name, place, bytes, RECORD_BYTES, bytes - rest, rest));
    }
    return bytes / RECORD_BYTES;
  }

  /**
   * Hands out the records.
   *
   * @param firstIndex the global index of the first
   * @throws BadDataException when a label is above 9 or the content ends early
   */
  void read(InputStream content, long firstIndex, RecordVisitor visitor) throws IOException {
    long records = records();
    byte[] block = new byte[(int) Math.min(BLOCK_RECORDS, records) * RECORD_BYTES];
    for (long record = 0; record < records; ) {
      int wanted = (int) Math.min(block.length, (records - record) * RECORD_BYTES);
      int got = content.readNBytes(block, 0, wanted);
      if (got < wanted) {
        long end = record * RECORD_BYTES + got;
        throw new BadDataException(
            "%s in %s ends at byte %d of %d, in record %d; copy or download it again"
                .formatted(name, place, end, bytes, end / RECORD_BYTES));
      }
      for (int at = 0; at < wanted; at += RECORD_BYTES, record++) {
        visitor.record(firstIndex + record, label(block[at] & 0xFF, record), block, at + 1);
      }
    }
  }

  private int label(int label, long record) throws BadDataException {
    if (label >= Cifar10.CLASSES) {
      throw new BadDataException(
          "label %d at byte %d of %s (record %d) in %s: CIFAR-10 has labels 0..%d; the file is damaged or in another format"
              .formatted(label, record * RECORD_BYTES, name, record, place, Cifar10.CLASSES - 1));
    }
    return label;
  }
}
