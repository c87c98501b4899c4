package org.murmuration.worker.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/**
 * A state that training can go on from, and what it belongs to.
 *
 * <p>The file, in big-endian order save for the values:
 *
 * <pre>
 *   8 bytes  "MURMCKPT"
 *   4 bytes  format version, 2
 *   section  header: JSON, UTF-8
 *   section  parameters: fp32, little-endian
 *   section  optimizer state: fp32, little-endian
 *   section  mean of the parameters over the steps: fp32, little-endian; empty where none is kept
 * </pre>
 *
 * <p>Sections are those of {@link Sections}.
 *
 * @param state the network's state
 * @param identity what must be the same for another run to go on from here, by name
 * @param history what the epochs so far brought
 */
public record Checkpoint(
    ModelState state, SortedMap<String, String> identity, List<EpochReport> history) {
  private static final byte[] MAGIC = {'M', 'U', 'R', 'M', 'C', 'K', 'P', 'T'};
  private static final int VERSION = 2;
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
    Sections.writeBytes(out, header);
    Sections.writeFloats(out, state.parameters().duplicate());
    Sections.writeFloats(out, state.updaterState().duplicate());
    Sections.writeFloats(out, state.average().duplicate());
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
      var header = readHeader(Sections.readBytes(in, "header"));
      var parameters = Sections.readFloats(in, "parameters");
      var updaterState = Sections.readFloats(in, "optimizer state");
      var average = Sections.readFloats(in, "mean of the parameters");
      if (in.read() >= 0) {
        throw new IOException("goes on after its end");
      }
      return new Checkpoint(
          new ModelState(header.epoch, header.iteration, parameters, updaterState, average),
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
}
