package org.murmuration.worker.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A state that training can go on from, and what it belongs to. No random state is among it: every
 * random number is drawn anew from the seed and the position.
 *
 * <p>The file, in big-endian order save for the values:
 *
 * <pre>
 *   8 bytes  "MURMCKPT"
 *   4 bytes  format version, 3
 *   section  header: JSON, UTF-8; worldSize says how many ranks follow
 *   section  parameters: fp32, little-endian
 *   section  optimizer state: fp32, little-endian
 *   section  mean of the parameters over the steps: fp32, little-endian; empty where none is kept
 *   section  for each rank: what it alone knew, see {@link RankState#encode}; often empty
 * </pre>
 *
 * <p>Sections are those of {@link Sections}.
 *
 * @param state the network's state
 * @param step steps that are done of the epoch under way
 * @param identity what must be the same for another run to go on from here, by name
 * @param history what the epochs so far brought
 * @param underWay for each rank, what it did of the epoch under way
 * @param incidents so far
 */
public record Checkpoint(
    ModelState state,
    int step,
    SortedMap<String, String> identity,
    List<EpochReport> history,
    List<EpochTotals> underWay,
    List<Incident> incidents) {
  private static final byte[] MAGIC = {'M', 'U', 'R', 'M', 'C', 'K', 'P', 'T'};
  private static final int VERSION = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Header(
      int epoch,
      int step,
      int iteration,
      int worldSize,
      SortedMap<String, String> identity,
      List<EpochReport> history,
      List<EpochTotals> underWay,
      List<Incident> incidents) {}

  /** What only single ranks know, rank by rank. */
  interface RankStates extends Closeable {
    /** How many ranks there are. */
    int count();

    /** A rank's bytes, as {@link RankState#encode} writes them. */
    byte[] of(int rank) throws IOException;
  }

  /** A state alone, as bytes. */
  public static byte[] encode(ModelState state) throws IOException {
    var bytes = new ByteArrayOutputStream();
    new Checkpoint(state, 0, new TreeMap<>(), List.of(), List.of(), List.of())
        .write(bytes, GatheredStates.nothing(0));
    return bytes.toByteArray();
  }

  /**
   * What {@link #encode} wrote.
   *
   * @throws IOException when the bytes are damaged; the message says how
   */
  public static ModelState decode(byte[] bytes) throws IOException {
    return read(new ByteArrayInputStream(bytes), Inheritance.ofNobody()).state;
  }

  /** How far the job was. */
  public Position position() {
    return new Position(state.epoch(), step);
  }

  /** Writes the file's bytes; doesn't close the stream. */
  void write(OutputStream stream, RankStates ranks) throws IOException {
    var out = new DataOutputStream(stream);
    out.write(MAGIC);
    out.writeInt(VERSION);
    var header =
        new Header(
            state.epoch(),
            step,
            state.iteration(),
            ranks.count(),
            identity,
            history,
            underWay,
            incidents);
    Sections.writeBytes(out, JSON.writeValueAsBytes(header));
    Sections.writeFloats(out, state.parameters().duplicate());
    Sections.writeFloats(out, state.updaterState().duplicate());
    Sections.writeFloats(out, state.average().duplicate());
    for (int rank = 0; rank < ranks.count(); rank++) {
      Sections.writeBytes(out, ranks.of(rank));
    }
    out.flush();
  }

  /**
   * Reads and verifies the file's bytes.
   *
   * @param heir takes what it wants of what single ranks knew
   * @throws IOException when they are not a checkpoint, or damaged, cut short or followed by
   *     others; the message says which
   */
  static Checkpoint read(InputStream stream, Inheritance heir) throws IOException {
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
      readRanks(in, header.worldSize, heir);
      if (in.read() >= 0) {
        throw new IOException("goes on after its end");
      }
      return new Checkpoint(
          new ModelState(header.epoch, header.iteration, parameters, updaterState, average),
          header.step,
          header.identity,
          header.history,
          header.underWay,
          header.incidents);
    } catch (EOFException e) {
      throw new IOException("is cut short", e);
    }
  }

  private static void readRanks(DataInputStream in, int count, Inheritance heir)
      throws IOException {
    heir.ofRanks(count);
    for (int rank = 0; rank < count; rank++) {
      var bytes = Sections.readBytes(in, "rank " + rank);
      if (bytes.length > 0 && heir.wants(rank)) {
        heir.take(rank, RankState.decode(bytes));
      }
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
