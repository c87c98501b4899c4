package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.SharedData;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.ImageLimits;

class PairsSourceTest {
  @TempDir private Path folder;

  @Test
  void pairsTheImagesAndMasksOfCamVid() throws IOException {
    var camVid = SharedData.path("camvid/train");
    var source =
        new PairsSource(
            Samples.files(camVid.resolve("images")), Samples.files(camVid.resolve("masks")));
    var decoder = new ImageDecoder(ImageLimits.DEFAULT, 3, 0);
    var seen = new AtomicInteger();

    var listing = source.list(Split.TRAIN);
    for (var piece : listing.pieces()) {
      source.read(
          piece,
          sample -> {
            try (var image = sample.image().decode(decoder, 240);
                var mask = sample.mask().orElseThrow().decodeLevels(decoder)) {
              assertThat(mask.width()).isEqualTo(image.width()).isEqualTo(240);
              assertThat(mask.height()).isEqualTo(image.height()).isEqualTo(180);
              var levels = new byte[240 * 180];
              mask.copyPlanes(levels, 0);
              for (byte level : levels) {
                assertThat((int) level).isBetween(0, 11);
              }
            }
            seen.incrementAndGet();
          });
    }

    assertThat(seen).hasValue(367);
    assertThat(listing.passedOver()).isEmpty();
  }

  @Test
  void missesAMaskWhenItIsReadAndNamesMasksWithoutAnImage() throws IOException {
    file("images/x/a.jpg");
    file("masks/y/b.png");
    var source = source();

    var listing = source.list(Split.TRAIN);

    assertThat(listing.passedOver()).containsExactly("file:" + folder + "/masks/y/b.png");
    source.read(
        listing.pieces().get(0),
        sample ->
            assertThatThrownBy(sample::mask).hasMessageContaining("masks/x/a.* does not exist"));
  }

  @Test
  void refusesTwoFilesOfOneName() throws IOException {
    file("images/a.jpg");
    file("images/a.png");
    file("masks/a.png");

    assertThatThrownBy(() -> source().list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("images/a.jpg and file:" + folder + "/images/a.png have one name");
  }

  private PairsSource source() {
    return new PairsSource(
        Samples.files(folder.resolve("images")), Samples.files(folder.resolve("masks")));
  }

  private void file(String name) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), name);
  }
}
