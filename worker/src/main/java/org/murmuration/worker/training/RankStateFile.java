package org.murmuration.worker.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The file of one rank's state beside a checkpoint, big-endian save for the values:
 *
 * <pre>
 *   8 bytes  "MURMRANK"
 *   4 bytes  format version, 1
 *   4 bytes  number of pairs, each of:
 *   section  name: UTF-8
 *   section  values
 * </pre>
 *
 * <p>Sections are those of {@link Sections}.
 */
final class RankStateFile {
  private static final byte[] MAGIC = "MURMRANK".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int MAX_PAIRS = 100;

  private RankStateFile() {}

  static void write(RankState state, OutputStream stream) throws IOException {
    var out = new DataOutputStream(stream);
    out.write(MAGIC);
    out.writeInt(VERSION);
    out.writeInt(state.values().size());
    for (var entry : state.values().entrySet()) {
      Sections.writeBytes(out, entry.getKey().getBytes(StandardCharsets.UTF_8));
      Sections.writeFloats(out, entry.getValue().duplicate());
    }
    out.flush();
  }

  /**
   * Reads and verifies the file's bytes.
   *
   * @throws IOException when they are not such a file, or damaged or cut short; the message says
   *     which
   */
  static RankState read(InputStream stream) throws IOException {
    try {
      var in = new DataInputStream(stream);
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new IOException("is not the state of a rank");
      }
      var version = in.readInt();
      var pairs = in.readInt();
      if (version != VERSION || pairs < 0 || pairs > MAX_PAIRS) {
        throw new IOException(
            "has format version %d with %d parts, this program reads version %d"
                .formatted(version, pairs, VERSION));
      }
      SortedMap<String, FloatBuffer> values = new TreeMap<>();
      for (int i = 0; i < pairs; i++) {
        var name = new String(Sections.readBytes(in, "name"), StandardCharsets.UTF_8);
        values.put(name, Sections.readFloats(in, name));
      }
      return new RankState(values);
    } catch (EOFException e) {
      throw new IOException("is cut short", e);
    }
  }
}
