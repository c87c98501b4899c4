package org.murmuration.worker.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one rank alone knows and needs to go on exactly: what its sums lost on a lossy wire, its own
 * optimizer's state with parameter averaging, and what it has found out about its samples.
 *
 * @param values by name
 */
public record RankState(SortedMap<String, Kept> values) {
  /** How the states of several ranks become that of one, when a job goes on with other ranks. */
  enum Sharing {
    /** fp32 values that are added: nothing of them is lost, whoever has them. */
    ADDED,
    /** fp32 values whose mean is taken. */
    MEAN,
    /** Records about single samples; all ranks get all, and keep those of their own samples. */
    BY_SAMPLE
  }

  /**
   * One thing that is kept.
   *
   * @param bytes little-endian
   */
  record Kept(Sharing sharing, ByteBuffer bytes) {
    static Kept of(Sharing sharing, FloatBuffer values) {
      var bytes =
          ByteBuffer.allocate(values.remaining() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values.duplicate());
      return new Kept(sharing, bytes);
    }

    private FloatBuffer floats() {
      return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private Kept and(Kept other) {
      if (sharing == Sharing.BY_SAMPLE) {
        var both = ByteBuffer.allocate(bytes.remaining() + other.bytes.remaining());
        both.put(bytes.duplicate()).put(other.bytes.duplicate()).flip();
        return new Kept(sharing, both.order(ByteOrder.LITTLE_ENDIAN));
      }
      var mine = floats();
      var theirs = other.floats();
      var sum = FloatBuffer.allocate(mine.remaining());
      while (sum.hasRemaining()) {
        sum.put(mine.get() + theirs.get());
      }
      return of(sharing, sum.flip());
    }

    private Kept times(float factor) {
      var from = floats();
      var scaled = FloatBuffer.allocate(from.remaining());
      while (scaled.hasRemaining()) {
        scaled.put(factor * from.get());
      }
      return of(sharing, scaled.flip());
    }
  }

  /**
   * fp32 values by name.
   *
   * @throws TrainingException when there are none, or another number of them
   */
  FloatBuffer floats(String name, int length) {
    var found = values.get(name);
    if (found == null || found.bytes().remaining() != length * Float.BYTES) {
      throw new TrainingException(
          "the saved state of this rank has %s values of '%s', must have %d: it belongs to another network, or to other settings of averaging"
              .formatted(
                  found == null ? "no" : found.bytes().remaining() / Float.BYTES, name, length));
    }
    return found.floats();
  }

  /** Records by name; empty when there are none. */
  ByteBuffer records(String name) {
    var found = values.get(name);
    return (found == null ? ByteBuffer.allocate(0) : found.bytes().duplicate())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** What a rank knows that takes the place of both. */
  RankState and(RankState other) {
    var both = new TreeMap<>(values);
    other.values.forEach((name, kept) -> both.merge(name, kept, Kept::and));
    return new RankState(both);
  }

  /** The same where what has one way of sharing is multiplied by a factor. */
  RankState times(Sharing sharing, float factor) {
    var scaled = new TreeMap<>(values);
    scaled.replaceAll((name, kept) -> kept.sharing() == sharing ? kept.times(factor) : kept);
    return new RankState(scaled);
  }

  /** The same with what has some way of sharing only. */
  RankState only(Sharing sharing) {
    var some = new TreeMap<>(values);
    some.values().removeIf(kept -> kept.sharing() != sharing);
    return new RankState(some);
  }

  /** Pairs of sections of {@link Sections}: the name with how it is shared, and the bytes. */
  byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      for (var entry : values.entrySet()) {
        var name = entry.getValue().sharing() + " " + entry.getKey();
        Sections.writeBytes(out, name.getBytes(StandardCharsets.UTF_8));
        var content = new byte[entry.getValue().bytes().remaining()];
        entry.getValue().bytes().duplicate().get(content);
        Sections.writeBytes(out, content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * What {@link #encode} wrote.
   *
   * @throws IOException when it is damaged; the message says how
   */
  static RankState decode(byte[] bytes) throws IOException {
    SortedMap<String, Kept> values = new TreeMap<>();
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    while (in.available() > 0) {
      var name = new String(Sections.readBytes(in, "name"), StandardCharsets.UTF_8);
      var content = ByteBuffer.wrap(Sections.readBytes(in, name)).order(ByteOrder.LITTLE_ENDIAN);
      var space = name.indexOf(' ');
      values.put(
          name.substring(space + 1), new Kept(Sharing.valueOf(name.substring(0, space)), content));
    }
    return new RankState(values);
  }
}
