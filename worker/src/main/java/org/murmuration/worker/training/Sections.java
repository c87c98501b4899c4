package org.murmuration.worker.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * Parts of a file whose damage is noticed: a section is its length in bytes (8 bytes, big-endian),
 * the bytes, and the CRC-32C of both (4 bytes, big-endian). Values are fp32, little-endian.
 *
 * <p>The length counts in the checksum, because the checksum of nothing is zero: a damaged length
 * of zero before zeros would pass for an empty section.
 */
final class Sections {
  private static final int COPY_FLOATS = 16 * 1024;

  private Sections() {}

  static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    var crc = crcOfLength(bytes.length);
    crc.update(bytes);
    out.writeLong(bytes.length);
    out.write(bytes);
    out.writeInt((int) crc.getValue());
  }

  static void writeFloats(DataOutputStream out, FloatBuffer values) throws IOException {
    var length = (long) values.remaining() * Float.BYTES;
    out.writeLong(length);
    var crc = crcOfLength(length);
    var chunk = ByteBuffer.allocate(COPY_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      chunk.clear();
      while (values.hasRemaining() && chunk.hasRemaining()) {
        chunk.putFloat(values.get());
      }
      crc.update(chunk.array(), 0, chunk.position());
      out.write(chunk.array(), 0, chunk.position());
    }
    out.writeInt((int) crc.getValue());
  }

  private static CRC32C crcOfLength(long length) {
    var crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, length));
    return crc;
  }

  static byte[] readBytes(DataInputStream in, String name) throws IOException {
    var length = in.readLong();
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new IOException("has a section '" + name + "' of impossible length " + length);
    }
    var checked = new CheckedInputStream(in, crcOfLength(length));
    var bytes = checked.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException(name);
    }
    if (in.readInt() != (int) checked.getChecksum().getValue()) {
      throw new IOException("has a damaged section '" + name + "': its checksum differs");
    }
    return bytes;
  }

  static FloatBuffer readFloats(DataInputStream in, String name) throws IOException {
    return ByteBuffer.wrap(readBytes(in, name)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
