package org.murmuration.worker.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * A state that training can go on from, and what it belongs to.
 *
 * <p>The file, in big-endian order save for the values:
 *
 * <pre>
 *   8 bytes  "MURMCKPT"
 *   4 bytes  format version, 1
 *   section  header: JSON, UTF-8
 *   section  parameters: fp32, little-endian
 *   section  optimizer state: fp32, little-endian
 *
 *   a section is its length in bytes (8 bytes), the bytes, and the CRC-32C of both (4 bytes)
 * </pre>
 *
 * <p>The length counts in the checksum, because the checksum of nothing is zero: a damaged length
 * of zero before zeros would pass for an empty section.
 *
 * @param state the network's state
 * @param identity what must be the same for another run to go on from here, by name
 * @param history what the epochs so far brought
 */
public record Checkpoint(
    ModelState state, SortedMap<String, String> identity, List<EpochReport> history) {
  private static final byte[] MAGIC = {'M', 'U', 'R', 'M', 'C', 'K', 'P', 'T'};
  private static final int VERSION = 1;
  private static final int COPY_FLOATS = 16 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Header(
      int epoch, int iteration, SortedMap<String, String> identity, List<EpochReport> history) {}

  /** Writes the file's bytes; doesn't close the stream. */
  public void write(OutputStream stream) throws IOException {
    var out = new DataOutputStream(stream);
    out.write(MAGIC);
    out.writeInt(VERSION);
    var header =
        JSON.writeValueAsBytes(new Header(state.epoch(), state.iteration(), identity, history));
    writeHeader(out, header);
    writeFloats(out, state.parameters().duplicate());
    writeFloats(out, state.updaterState().duplicate());
    out.flush();
  }

  /**
   * Reads and verifies the file's bytes.
   *
   * @throws IOException when they are not a checkpoint, or damaged, cut short or followed by
   *     others; the message says which
   */
  public static Checkpoint read(InputStream stream) throws IOException {
    try {
      var in = new DataInputStream(stream);
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new IOException("is not a Murmuration checkpoint");
      }
      var version = in.readInt();
      if (version != VERSION) {
        throw new IOException("has format version " + version + ", this program reads " + VERSION);
      }
      var header = readHeader(readSection(in, "header"));
      var parameters = readFloats(in, "parameters");
      var updaterState = readFloats(in, "optimizer state");
      if (in.read() >= 0) {
        throw new IOException("goes on after its end");
      }
      return new Checkpoint(
          new ModelState(header.epoch, header.iteration, parameters, updaterState),
          header.identity,
          header.history);
    } catch (EOFException e) {
      throw new IOException("is cut short", e);
    }
  }

  private static Header readHeader(byte[] bytes) throws IOException {
    try {
      return JSON.readValue(bytes, Header.class);
    } catch (JsonProcessingException e) {
      throw new IOException("has a header that is not JSON", e);
    }
  }

  private static void writeHeader(DataOutputStream out, byte[] header) throws IOException {
    var crc = crcOfLength(header.length);
    crc.update(header);
    out.writeLong(header.length);
    out.write(header);
    out.writeInt((int) crc.getValue());
  }

  private static void writeFloats(DataOutputStream out, FloatBuffer values) throws IOException {
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

  private static byte[] readSection(DataInputStream in, String name) throws IOException {
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

  private static FloatBuffer readFloats(DataInputStream in, String name) throws IOException {
    return ByteBuffer.wrap(readSection(in, name)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
