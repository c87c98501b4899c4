package org.murmuration.worker.data.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.source.FolderSource;
import org.murmuration.worker.data.source.LabelMap;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.Samples;
import org.murmuration.worker.data.source.TarSource;

class SampleLoaderTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 1);
  private static final ImageTransform TRANSFORM =
      new ImageTransform(1, 1, Colors.GRAY, Fit.CROP, 0, ImageLimits.DEFAULT);
  private static final int FILES = 40;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void loadsWhatIsWantedAndNumbersItByThePieces(int threads) throws IOException {
    writeImages();
    Map<Long, String> loaded = new HashMap<>();

    var bad =
        loader(Keeping.PIXELS, threads)
            .load(
                split(),
                number -> number % 3 == 1,
                (number, label, pixels) -> loaded.put(number, label + ":" + pixels[0]));

    assertThat(bad).isEmpty();
    assertThat(loaded.keySet())
        .isEqualTo(
            java.util.Set.copyOf(
                LongStream.range(0, FILES).filter(n -> n % 3 == 1).boxed().toList()));
    loaded.forEach(
        (number, sample) ->
            assertThat(sample).isEqualTo("%d:%d".formatted(number < 20 ? 0 : 1, number)));
  }

  @Test
  void handsOutFilesThatCanBeDecoded() throws IOException {
    writeImages();
    Map<Long, byte[]> loaded = new HashMap<>();

    loader(Keeping.ENCODED, 2)
        .load(split(), number -> true, (n, label, file) -> loaded.put(n, file));

    for (var piece : loaded.keySet()) {
      assertThat(loaded.get(piece))
          .isEqualTo(
              Files.readAllBytes(
                  Path.of(split().pieces().get((int) (long) piece).path().substring(5))));
    }
    assertThat(loaded).hasSize(FILES);
  }

  @Test
  void namesWhatCannotBeDecodedIfItIsWanted() throws IOException {
    writeImages();
    Files.writeString(folder.resolve("a/05.png"), "no image");
    Files.writeString(folder.resolve("a/06.png"), "no image either");

    var bad =
        loader(Keeping.PIXELS, 2).load(split(), number -> number != 6, (n, label, pixels) -> {});

    assertThat(bad)
        .extracting(BadSample::reason, BadSample::bytes)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("UNKNOWN_FORMAT", 8L));
  }

  @Test
  void refusesALabelThatIsNone() throws IOException {
    writeImages();
    var loader =
        new SampleLoader(source(), TRANSFORM, LabelMap.ofNames(List.of("a")), Keeping.PIXELS, 2);

    assertThatThrownBy(() -> loader.load(split(), number -> true, (n, label, pixels) -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("the label \"b\" is none of the 1 classes");
  }

  @Test
  void refusesAPieceThatHoldsMoreThanItDid() throws IOException {
    var shard = folder.resolve("a.tar");
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(shard))) {
      for (int i = 0; i < 3; i++) {
        var entry = new TarArchiveEntry(i + ".png");
        var file = new PixelImage(SHAPE, new byte[] {1}).file();
        entry.setSize(file.length);
        tar.putArchiveEntry(entry);
        tar.write(file);
        tar.closeArchiveEntry();
      }
    }
    var source = new TarSource(Samples.files(folder), 1_000);
    var loader =
        new SampleLoader(source, TRANSFORM, LabelMap.ofNames(List.of("")), Keeping.PIXELS, 1);
    var counted = new SplitPieces(source.list(Split.TRAIN).pieces(), new long[] {2});

    assertThatThrownBy(() -> loader.load(counted, number -> true, (n, label, pixels) -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("a.tar holds more than the 2 samples that were counted");
  }

  private SampleLoader loader(Keeping keeping, int threads) {
    return new SampleLoader(
        source(), TRANSFORM, LabelMap.ofNames(List.of("a", "b")), keeping, threads);
  }

  private FolderSource source() {
    return new FolderSource(Samples.files(folder));
  }

  private SplitPieces split() throws IOException {
    var pieces = source().list(Split.TRAIN).pieces();
    return new SplitPieces(pieces, LongStream.generate(() -> 1).limit(pieces.size()).toArray());
  }

  /** Images of one pixel whose level is their number, in two classes. */
  private void writeImages() throws IOException {
    for (int i = 0; i < FILES; i++) {
      var file = folder.resolve("%s/%02d.png".formatted(i < 20 ? "a" : "b", i));
      Files.createDirectories(file.getParent());
      Files.write(file, new PixelImage(SHAPE, new byte[] {(byte) i}).file());
    }
  }
}
