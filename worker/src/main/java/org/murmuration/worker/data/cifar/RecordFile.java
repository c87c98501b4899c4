package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import org.murmuration.worker.data.BadDataException;

/**
 * One batch file: whole records, nothing else.
 *
 * @param name of the file
 * @param bytes its length
 * @param place where it is kept, for messages
 * @param format of its records
 */
record RecordFile(String name, long bytes, String place, CifarFormat format) {

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
    long rest = bytes % format.recordBytes();
    if (rest != 0) {
      throw new BadDataException(
          "%s in %s has %d bytes, not a multiple of the %d bytes of a record: the last whole record ends at byte %d, %d bytes follow. The file is cut short or is not in %s's binary format; copy or download it again"
              .formatted(
                  name, place, bytes, format.recordBytes(), bytes - rest, rest, format.name()));
    }
    return bytes / format.recordBytes();
  }

  /**
   * Hands out the records.
   *
   * @param firstIndex the global index of the first
   * @throws BadDataException when a label is above 9 or the content ends early
   */
  void read(InputStream content, long firstIndex, RecordVisitor visitor) throws IOException {
    long records = records();
    byte[] block = new byte[(int) Math.min(BLOCK_RECORDS, records) * format.recordBytes()];
    for (long record = 0; record < records; ) {
      int wanted = (int) Math.min(block.length, (records - record) * format.recordBytes());
      int got = content.readNBytes(block, 0, wanted);
      if (got < wanted) {
        long end = record * format.recordBytes() + got;
        throw new BadDataException(
            "%s in %s ends at byte %d of %d, in record %d; copy or download it again"
                .formatted(name, place, end, bytes, end / format.recordBytes()));
      }
      for (int at = 0; at < wanted; at += format.recordBytes(), record++) {
        int label = Byte.toUnsignedInt(block[at + format.labelAt()]);
        visitor.record(
            firstIndex + record, checked(label, record), block, at + format.labelBytes());
      }
    }
  }

  private int checked(int label, long record) throws BadDataException {
    if (label >= format.classes()) {
      throw new BadDataException(
          "label %d at byte %d of %s (record %d) in %s: %s has labels 0..%d; the file is damaged or in another format"
              .formatted(
                  label,
                  record * format.recordBytes() + format.labelAt(),
                  name,
                  record,
                  place,
                  format.name(),
                  format.classes() - 1));
    }
    return label;
  }
}
