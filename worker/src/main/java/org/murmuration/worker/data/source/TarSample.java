package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.Optional;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** A sample of a shard, as far as its files have come. */
final class TarSample implements RawSample {
  private static final String NO_KEY = "";

  private final Piece piece;
  private final long index;
  private final String key;
  private Optional<Part> image = Optional.empty();
  private Optional<Part> mask = Optional.empty();
  private Optional<String> label = Optional.empty();

  private TarSample(Piece piece, long index, String key) {
    this.piece = piece;
    this.index = index;
    this.key = key;
  }

  /**
   * An image or a mask.
   *
   * @param name in the shard
   * @param size its length
   * @param limit the most that is read
   * @param bytes what was read
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
  record Part(String name, long size, long limit, byte[] bytes) {
    RawImage image() throws UndecodableImageException {
      if (size > limit) {
        throw new UndecodableImageException(
            Reason.TOO_LARGE, "it has %d bytes, the limit is %d".formatted(size, limit));
      }
      return new EncodedImage(bytes);
    }
  }

  /** Before the first one. */
  static TarSample none(Piece piece) {
    return new TarSample(piece, -1, NO_KEY);
  }

  TarSample following(String nextKey) {
    return new TarSample(piece, index + 1, nextKey);
  }

  boolean has(String otherKey) {
    return key.equals(otherKey);
  }

  void visit(SampleVisitor visitor) throws IOException {
    if (index >= 0) {
      visitor.sample(this);
    }
  }

  void image(Part part) {
    image = Optional.of(part);
  }

  void mask(Part part) {
    mask = Optional.of(part);
  }

  void label(String text) {
    label = Optional.of(text);
  }

  @Override
  public long index() {
    return index;
  }

  @Override
  public String path() {
    return piece.path() + "/" + image.map(Part::name).orElse(key);
  }

  @Override
  public String label() {
    return label.orElseGet(() -> lastFolder(key));
  }

  @Override
  public long bytes() {
    return image.map(Part::size).orElse(0L);
  }

  @Override
  public RawImage image() throws UndecodableImageException {
    return image
        .orElseThrow(
            () ->
                new UndecodableImageException(
                    Reason.MISSING, "there is no image of this name in the shard"))
        .image();
  }

  @Override
  public Optional<RawImage> mask() throws UndecodableImageException {
    return mask.isEmpty() ? Optional.empty() : Optional.of(mask.get().image());
  }

  /** The name of the folder that a path lies in; "" if it lies in none. */
  static String lastFolder(String path) {
    int end = path.lastIndexOf('/');
    return end < 0 ? "" : path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }
}
