package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.TreeSet;

/** A source in which every piece is a file with one image. */
abstract class FileSource implements SampleSource {
  private final SourceFiles files;

  FileSource(SourceFiles files) {
    this.files = files;
  }

  final SourceFiles files() {
    return files;
  }

  @Override
  public final boolean summarisesWithoutReading() {
    return true;
  }

  @Override
  public final PieceSummary summarise(Piece piece) {
    var labels = new TreeSet<String>();
    if (!piece.label().isEmpty()) {
      labels.add(piece.label());
    }
    return new PieceSummary(1, labels);
  }

  @Override
  public final void read(Piece piece, SampleVisitor visitor) throws IOException {
    visitor.sample(new SingleImage(files, piece));
  }
}
