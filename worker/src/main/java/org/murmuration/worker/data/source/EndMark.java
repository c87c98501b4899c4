package org.murmuration.worker.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A stream that remembers whether it ends with zeros, as a tar archive does: one that was cut
 * between two files would look whole otherwise.
 */
final class EndMark extends FilterInputStream {
  /** A tar archive ends with two blocks of 512 zeros. */
  private static final int ZEROS = 1024;

  /** And what fills up its last block is skipped, not read. */
  private static final int BLOCK_BYTES = 20 * 512;

  private long zerosAtTheEnd;

  EndMark(InputStream in) {
    super(in);
  }

  /**
   * Reads the rest, with the checksum of a compressed stream, and says whether the mark is there.
   */
  boolean isAtTheEnd() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    return zerosAtTheEnd >= ZEROS;
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    if (value >= 0) {
      zerosAtTheEnd = value == 0 ? zerosAtTheEnd + 1 : 0;
    }
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = in.read(target, offset, length);
    int last = offset + count - 1;
    while (last >= offset && target[last] == 0) {
      last--;
    }
    if (count > 0) {
      int zeros = offset + count - 1 - last;
      zerosAtTheEnd = zeros == count ? zerosAtTheEnd + zeros : zeros;
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    if (count <= BLOCK_BYTES) {
      return readNBytes((int) count).length;
    }
    // What isn't looked at isn't known to be zero.
    zerosAtTheEnd = 0;
    return in.skip(count);
  }
}
