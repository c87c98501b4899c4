package org.murmuration.worker.data.prepared;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.SharedData;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.source.FolderSource;
import org.murmuration.worker.data.source.Listing;
import org.murmuration.worker.data.source.PairsSource;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.PieceSummary;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.RawImage;
import org.murmuration.worker.data.source.RawSample;
import org.murmuration.worker.data.source.SampleSource;
import org.murmuration.worker.data.source.SampleVisitor;
import org.murmuration.worker.data.source.Samples;

class ChunkFolderTest {
  private static final ImageTransform TRANSFORM =
      new ImageTransform(8, 8, Colors.RGB, Fit.STRETCH, 255, ImageLimits.DEFAULT);

  private final Configuration hadoop = new Configuration(false);
  @TempDir private Path folder;

  @Test
  void preparesWhatCanBeDecodedAndNamesTheRestWithItsReason() throws IOException {
    var expected = awkwardImages();
    copyAwkwardImages();

    var report = prepare("done", Keeping.PIXELS);

    assertThat(report.samples()).isEqualTo(expected.size());
    var bad =
        report.bad().stream()
            .collect(Collectors.toMap(sample -> name(sample.path()), BadSample::reason));
    var refused =
        expected.entrySet().stream()
            .filter(entry -> !Character.isDigit(entry.getValue().charAt(0)))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    assertThat(bad).isEqualTo(refused);
    assertThat(report.bad())
        .allSatisfy(
            sample ->
                assertThat(sample.bytes())
                    .isEqualTo(Files.size(folder.resolve("awkward/all/" + name(sample.path())))));
    assertThat(rows("done"))
        .hasSize(expected.size() - refused.size())
        .allSatisfy(
            row -> {
              assertThat(row.pixels()).hasSize(3 * 8 * 8);
              assertThat(row.labelName()).isEqualTo("all");
            });
  }

  @Test
  void givesTheSameBytesWhereverAndHoweverOftenItRuns() throws IOException {
    copyAwkwardImages();

    prepare("one", Keeping.PIXELS);
    prepare("two", Keeping.PIXELS);

    assertThat(folder.resolve("one/" + chunk().name() + ".parquet"))
        .hasSameBinaryContentAs(folder.resolve("two/" + chunk().name() + ".parquet"));
  }

  @Test
  void keepsFilesAsTheyWereIfTheyAreToStayEncoded() throws IOException {
    copyAwkwardImages();

    prepare("done", Keeping.ENCODED);

    for (var row : rows("done")) {
      assertThat(row.pixels()).isEmpty();
      assertThat(row.encoded())
          .isEqualTo(Files.readAllBytes(folder.resolve("awkward/all/" + name(row.path()))));
    }
  }

  @Test
  void keepsTheMasksOfCamVidBesideItsImages() throws IOException {
    var camVid = SharedData.path("camvid/val");
    var source =
        new PairsSource(
            Samples.files(camVid.resolve("images")), Samples.files(camVid.resolve("masks")));
    var half = new ImageTransform(120, 90, Colors.RGB, Fit.CROP, 0, ImageLimits.DEFAULT);
    var chunk = new Chunk("", source.list(Split.TRAIN).pieces());
    var chunks = new ChunkFolder("file:" + folder.resolve("masks"));

    chunks.prepare(chunk, source, new Preparation(half, Keeping.PIXELS), "0", hadoop);

    List<PreparedRow> rows = new ArrayList<>();
    new PreparedFile(chunks.table(chunk), hadoop).read(rows::add);
    assertThat(rows).hasSize(101);
    for (var row : rows) {
      var png = camVid.resolve("masks").resolve(name(row.path()).replace(".jpg", ".png"));
      var mask = ImageIO.read(png.toFile()).getRaster();
      for (int i = 0; i < 120 * 90; i++) {
        // At half the size, the nearest is one of the four that a pixel covers.
        int x = 2 * (i % 120);
        int y = 2 * (i / 120);
        assertThat((int) row.mask()[i])
            .isIn(
                mask.getSample(x, y, 0),
                mask.getSample(x + 1, y, 0),
                mask.getSample(x, y + 1, 0),
                mask.getSample(x + 1, y + 1, 0));
      }
    }
  }

  @Test
  void knowsWhatIsDone() throws IOException {
    copyAwkwardImages();
    var chunks = new ChunkFolder("file:" + folder.resolve("done"));
    assertThat(chunks.done(hadoop)).isEmpty();

    var report = prepare("done", Keeping.PIXELS);

    assertThat(chunks.done(hadoop)).containsExactly(report);
    Files.writeString(folder.resolve("done/" + chunk().name() + ".json"), "{\"chu");
    assertThat(chunks.done(hadoop)).isEmpty();
  }

  @Test
  void keepsWhatComesBeforeTheDamageOfAFile() throws IOException {
    var piece = new Piece("file:/shard.tar", 100, 0, "", "");

    var report =
        new ChunkFolder("file:" + folder.resolve("done"))
            .prepare(
                new Chunk("", List.of(piece)),
                new DamagedAfterTwo(),
                new Preparation(TRANSFORM, Keeping.PIXELS),
                "0",
                hadoop);

    assertThat(report.rows()).isEqualTo(2);
    assertThat(report.bad())
        .containsExactly(
            new BadSample(
                "file:/shard.tar", "file:/shard.tar", "DAMAGED_FILE", "it ends early", 100));
  }

  @Test
  void packsManySmallFilesIntoOneTaskAndLargeOnesIntoTheirOwn() {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      pieces.add(new Piece("small-" + i, 1_000, 0, "", ""));
    }
    pieces.add(new Piece("large", 1L << 40, 0, "", ""));
    pieces.add(new Piece("small", 1_000, 0, "", ""));

    var chunks = Chunk.pack("train", pieces, 64 << 20);

    assertThat(chunks.stream().flatMap(chunk -> chunk.pieces().stream()).toList())
        .isEqualTo(pieces);
    assertThat(chunks).hasSize(3);
    assertThat(chunks.get(1).pieces()).extracting(Piece::path).containsExactly("large");
  }

  /** Two gray samples, then the end of the file. */
  private static final class DamagedAfterTwo implements SampleSource {
    private record Gray(long index) implements RawSample {
      @Override
      public String path() {
        return "gray" + index;
      }

      @Override
      public String label() {
        return "0";
      }

      @Override
      public RawImage image() {
        return new PixelImage(new ImageShape(1, 1, 1), new byte[] {1});
      }
    }

    @Override
    public Listing list(Split split) {
      return new Listing(List.of(), List.of(), List.of());
    }

    @Override
    public PieceSummary summarise(Piece piece) throws BadDataException {
      throw new BadDataException("it ends early");
    }

    @Override
    public void read(Piece piece, SampleVisitor visitor) throws IOException {
      visitor.sample(new Gray(0));
      visitor.sample(new Gray(1));
      throw new BadDataException("it ends early");
    }
  }

  private ChunkReport prepare(String target, Keeping keeping) throws IOException {
    return new ChunkFolder("file:" + folder.resolve(target))
        .prepare(chunk(), source(), new Preparation(TRANSFORM, keeping), "0", hadoop);
  }

  private List<PreparedRow> rows(String target) throws IOException {
    List<PreparedRow> rows = new ArrayList<>();
    var table = new ChunkFolder("file:" + folder.resolve(target)).table(chunk());
    new PreparedFile(table, hadoop).read(rows::add);
    return rows;
  }

  private Chunk chunk() throws IOException {
    return new Chunk("", source().list(Split.TRAIN).pieces());
  }

  private FolderSource source() {
    return new FolderSource(Samples.files(folder.resolve("awkward")));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void copyAwkwardImages() throws IOException {
    var all = Files.createDirectories(folder.resolve("awkward/all"));
    for (var name : awkwardImages().keySet()) {
      Files.copy(SharedData.path("awkward-images").resolve(name), all.resolve(name));
    }
  }

  /** What becomes of each file: its size, or the reason why it is refused. */
  private static Map<String, String> awkwardImages() throws IOException {
    try (var table = ImageLimits.class.getResourceAsStream("awkward-images.tsv")) {
      return new String(table.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("file\t"))
          .map(line -> line.split("\t"))
          .collect(Collectors.toMap(cells -> cells[0], cells -> cells[1]));
    }
  }
}
