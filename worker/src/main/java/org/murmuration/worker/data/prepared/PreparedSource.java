package org.murmuration.worker.data.prepared;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.EncodedImage;
import org.murmuration.worker.data.source.Listing;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.PieceSummary;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.RawImage;
import org.murmuration.worker.data.source.RawSample;
import org.murmuration.worker.data.source.SampleSource;
import org.murmuration.worker.data.source.SampleVisitor;

/** What {@code preprocess} has written: a piece is one Parquet file of a split. */
public final class PreparedSource implements SampleSource {
  private static final String PARQUET = ".parquet";

  private final Path folder;
  private final Configuration configuration;

  /** The data set in a folder. */
  public PreparedSource(Path folder, Configuration configuration) {
    this.folder = folder;
    this.configuration = configuration;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var manifest = DatasetManifest.read(folder, configuration);
    var parts = new Path(folder, PartWriter.name(split));
    var fileSystem = JobFiles.fileSystem(parts, configuration);
    if (!manifest.splits().containsKey(parts.getName())) {
      return none(split, manifest);
    }
    if (!fileSystem.exists(parts)) {
      throw new BadDataException(
          "%s is missing, and %s has it; copy the data set again, whole"
              .formatted(parts, DatasetManifest.FILE));
    }
    List<Piece> pieces = new ArrayList<>();
    for (var file : fileSystem.listStatus(parts)) {
      if (file.getPath().getName().endsWith(PARQUET)) {
        pieces.add(
            new Piece(
                file.getPath().toString(), file.getLen(), file.getModificationTime(), "", ""));
      }
    }
    pieces.sort(Comparator.comparing(Piece::path));
    var expected = manifest.splits().get(parts.getName()).parts().size();
    if (pieces.size() != expected) {
      throw new BadDataException(
          "%s has %d parts, %s says %d; copy the data set again, whole"
              .formatted(parts, pieces.size(), DatasetManifest.FILE, expected));
    }
    return new Listing(pieces, manifest.classes(), List.of());
  }

  /** A data set without test images can be trained on, one without others can't. */
  private Listing none(Split split, DatasetManifest manifest) throws BadDataException {
    if (split == Split.TRAIN) {
      throw new BadDataException(
          "%s has no training images, as all that it was made of were for testing"
              .formatted(folder));
    }
    return new Listing(List.of(), manifest.classes(), List.of());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    // The classes are known from the listing.
    return new PieceSummary(file(piece).rows(), new TreeSet<>());
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    var index = new long[1];
    file(piece).read(row -> visitor.sample(new Row(index[0]++, row)));
  }

  private PreparedFile file(Piece piece) {
    return new PreparedFile(new Path(piece.path()), configuration);
  }

  /** A row as a sample. */
  private record Row(long index, PreparedRow row) implements RawSample {

    @Override
    public String path() {
      return row.path();
    }

    @Override
    public String label() {
      return row.labelName();
    }

    @Override
    public RawImage image() {
      return row.encoded().length > 0
          ? new EncodedImage(row.encoded())
          : new PixelImage(new ImageShape(row.channels(), row.height(), row.width()), row.pixels());
    }

    @Override
    public Optional<RawImage> mask() {
      return row.mask().length == 0
          ? Optional.empty()
          : Optional.of(new PixelImage(new ImageShape(1, row.height(), row.width()), row.mask()));
    }
  }
}
