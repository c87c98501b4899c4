package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.Optional;

/** The only sample of a piece: a file with one image, and perhaps one with its mask. */
record SingleImage(SourceFiles files, Piece piece) implements RawSample {

  @Override
  public long index() {
    return 0;
  }

  @Override
  public String path() {
    return piece.path();
  }

  @Override
  public String label() {
    return piece.label();
  }

  @Override
  public long bytes() {
    return piece.bytes();
  }

  @Override
  public RawImage image() throws IOException {
    return files.image(piece.path(), piece.bytes());
  }

  @Override
  public Optional<RawImage> mask() throws IOException {
    return piece.companion().isEmpty()
        ? Optional.empty()
        : Optional.of(files.image(piece.companion(), 0));
  }
}
