package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * A place in a random order that depends on the seed and on what a sample is called, not on how
 * many others there are or where they are: adding samples leaves the order of the rest as it is.
 *
 * @param group samples of one group lie together; in the order of its characters
 * @param random the first 8 bytes of the SHA-256 of seed and path
 * @param path of the sample, for the order of those of which the former are equal
 */
public record ShuffleOrder(String group, long random, String path)
    implements Comparable<ShuffleOrder>, Serializable {
  private static final Comparator<ShuffleOrder> ORDER =
      Comparator.comparing(ShuffleOrder::group)
          .thenComparingLong(ShuffleOrder::random)
          .thenComparing(ShuffleOrder::path);

  /** The place of a sample. */
  public static ShuffleOrder of(String group, long seed, String path) {
    var digest = Sha256.digest();
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
    digest.update(path.getBytes(StandardCharsets.UTF_8));
    return new ShuffleOrder(group, ByteBuffer.wrap(digest.digest()).getLong(), path);
  }

  @Override
  public int compareTo(ShuffleOrder other) {
    return ORDER.compare(this, other);
  }
}
