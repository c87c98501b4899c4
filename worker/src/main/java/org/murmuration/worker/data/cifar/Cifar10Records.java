package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import org.murmuration.worker.data.BadDataException;

/** Reads one file of records. */
final class Cifar10Records {
  static final int IMAGE_BYTES = 3 * 32 * 32;
  static final int RECORD_BYTES = 1 + IMAGE_BYTES;
  private static final int CLASSES = 10;
  private static final int UNSIGNED_BYTE = 0xFF;

  private final String file;
  private final InputStream in;

  Cifar10Records(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /**
   * Reads to the end of the stream.
   *
   * @param firstIndex the number of the first record
   * @return the number of the record that would follow
   */
  long read(long firstIndex, RecordVisitor visitor) throws IOException {
    var buffer = new byte[RECORD_BYTES];
    long index = firstIndex;
    long offset = 0;
    while (true) {
      var read = in.readNBytes(buffer, 0, RECORD_BYTES);
      if (read == 0) {
        break;
      }
      if (read < RECORD_BYTES) {
        throw new BadDataException(
            "%s is cut short: it has %d bytes, the last whole record ends at %d, and a record has %d"
                .formatted(file, offset + read, offset, RECORD_BYTES));
      }
      var label = buffer[0] & UNSIGNED_BYTE;
      if (label >= CLASSES) {
        throw new BadDataException(
            "label %d at byte %d of %s (record %d), must be 0 to %d: this is no CIFAR-10 file, or a damaged one"
                .formatted(label, offset, file, index - firstIndex, CLASSES - 1));
      }
      visitor.record(index, label, buffer, 1);
      index++;
      offset += RECORD_BYTES;
    }
    if (offset == 0) {
      throw new BadDataException(file + " is empty");
    }
    return index;
  }
}
