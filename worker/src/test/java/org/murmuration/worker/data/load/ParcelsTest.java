package org.murmuration.worker.data.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.source.FolderSource;
import org.murmuration.worker.data.source.LabelMap;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.Samples;

@Timeout(20)
class ParcelsTest {
  private static final int FILES = 100;
  private static final String CLASS = "a";

  @TempDir private Path folder;

  @Test
  void bringsEverySampleOfEveryPortionOnce() throws IOException {
    writeImages();
    Files.writeString(folder.resolve(CLASS + "/007.png"), "no image");
    var portions = split().portions(400_000);

    List<Long> numbers = new ArrayList<>();
    List<String> bad = new ArrayList<>();
    for (var portion : portions) {
      try (var parcels = new Parcels(loader(CLASS), portion)) {
        while (parcels.hasNext()) {
          var parcel = Parcel.of(parcels.next());
          if (parcel.bad().isPresent()) {
            bad.add(parcel.bad().orElseThrow().path());
          } else {
            numbers.add(parcel.number());
            assertThat(parcel.label()).isZero();
            assertThat(parcel.content()).containsExactly((byte) parcel.number());
          }
        }
        assertThatThrownBy(parcels::next).isInstanceOf(NoSuchElementException.class);
      }
    }

    assertThat(portions).hasSizeBetween(4, 6);
    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, FILES).filter(n -> n != 7).boxed().toList());
    assertThat(bad).singleElement().asString().endsWith("a/007.png");
  }

  @Test
  void noticesEveryBitThatIsNoLongerWhatItWas() throws IOException {
    var sent = new Parcel(4711, 3, new byte[] {1, 2, 3, 0, -1}).bytes();
    for (int bit = 0; bit < sent.length * Byte.SIZE; bit++) {
      var damaged = sent.clone();
      damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThatThrownBy(() -> Parcel.of(damaged))
          .as("bit %d", bit)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("was damaged on its way");
    }
    assertThatThrownBy(() -> Parcel.of(Arrays.copyOf(sent, 3))).isInstanceOf(IOException.class);
    assertThat(Parcel.of(sent).content()).containsExactly(1, 2, 3, 0, -1);
  }

  @Test
  void saysWhyLoadingFailed() throws IOException {
    writeImages();
    try (var parcels = new Parcels(loader("other"), split())) {
      assertThatThrownBy(parcels::hasNext)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("the label \"a\" is none of the 1 classes");
    }
  }

  @Test
  void stopsLoadingWhenNobodyTakesIt() throws IOException {
    writeImages();
    try (var parcels = new Parcels(loader(CLASS), split())) {
      assertThat(parcels.hasNext()).isTrue();
    }
    Awaitility.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("load samples")));
  }

  private SampleLoader loader(String label) {
    return new SampleLoader(
        source(),
        new ImageTransform(1, 1, Colors.GRAY, Fit.CROP, 0, ImageLimits.DEFAULT),
        LabelMap.ofNames(List.of(label)),
        Keeping.PIXELS,
        2);
  }

  private FolderSource source() {
    return new FolderSource(Samples.files(folder));
  }

  private SplitPieces split() throws IOException {
    var pieces = source().list(Split.TRAIN).pieces();
    return new SplitPieces(pieces, LongStream.generate(() -> 1).limit(pieces.size()).toArray());
  }

  /** Images of one pixel whose level is their number. */
  private void writeImages() throws IOException {
    Files.createDirectories(folder.resolve(CLASS));
    for (int i = 0; i < FILES; i++) {
      Files.write(
          folder.resolve("%s/%03d.png".formatted(CLASS, i)),
          new PixelImage(new ImageShape(1, 1, 1), new byte[] {(byte) i}).file());
    }
  }
}
