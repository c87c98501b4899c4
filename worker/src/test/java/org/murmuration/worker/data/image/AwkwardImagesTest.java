package org.murmuration.worker.data.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.data.SharedData;

/**
 * Files that break pipelines: each is decoded as another decoder does, or refused for its reason.
 */
class AwkwardImagesTest {
  private static final int FIELDS = 4;

  /** Of a mean, in 1/255: decoders differ in how they spread chroma and turn CMYK into RGB. */
  private static final int TOLERANCE = 3;

  private final ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT, 3, 255);

  record Expected(String file, String result, String colours) {
    boolean isDecoded() {
      return Character.isDigit(result.charAt(0));
    }

    @Override
    public String toString() {
      return file;
    }
  }

  static List<Expected> images() throws IOException {
    try (var table = AwkwardImagesTest.class.getResourceAsStream("awkward-images.tsv")) {
      return new String(table.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("file\t"))
          .map(line -> line.split("\t"))
          .map(cells -> new Expected(cells[0], cells[1], cells[2]))
          .toList();
    }
  }

  static Stream<Expected> decodable() throws IOException {
    return images().stream().filter(Expected::isDecoded);
  }

  static Stream<Expected> undecodable() throws IOException {
    return images().stream().filter(image -> !image.isDecoded());
  }

  @Test
  void tellsOfEveryFile() throws IOException {
    try (var files = Files.list(SharedData.path("awkward-images"))) {
      var names = files.map(file -> file.getFileName().toString());
      assertThat(names.filter(name -> !name.endsWith(".tsv")))
          .containsExactlyInAnyOrderElementsOf(images().stream().map(Expected::file).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("decodable")
  void showsWhatAnotherDecoderShows(Expected image) throws IOException {
    try (var raster = decoder.decode(bytes(image))) {
      assertThat(raster.width() + "x" + raster.height()).isEqualTo(image.result());
      var expected =
          Arrays.stream(image.colours().split(" ")).map(HexFormat.of()::parseHex).toList();
      var found = fields(raster);
      for (int field = 0; field < expected.size(); field++) {
        for (int channel = 0; channel < raster.channels(); channel++) {
          assertThat(found[field][channel])
              .as("field %d, channel %d", field, channel)
              .isCloseTo(
                  Byte.toUnsignedInt(expected.get(field)[channel]), within((double) TOLERANCE));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("undecodable")
  void refusesWithTheReason(Expected image) throws IOException {
    var encoded = bytes(image);
    assertThatThrownBy(() -> decoder.decode(encoded))
        .isInstanceOfSatisfying(
            UndecodableImageException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).hasToString(image.result()));
  }

  @ParameterizedTest
  @MethodSource("images")
  void takesNoTimeForBombs(Expected image) throws IOException {
    var encoded = bytes(image);
    assertTimeout(Duration.ofSeconds(1), () -> decodedOrRefused(encoded));
  }

  private void decodedOrRefused(byte[] encoded) {
    try (var raster = decoder.decode(encoded)) {
      assertThat(raster.width()).isPositive();
    } catch (UndecodableImageException e) {
      assertThat(e).hasMessageStartingWith("it");
    }
  }

  private static double[][] fields(Raster raster) {
    int plane = raster.width() * raster.height();
    var samples = new byte[plane * raster.channels()];
    raster.copyPlanes(samples, 0);
    var means = new double[FIELDS * FIELDS][raster.channels()];
    for (int row = 0; row < FIELDS; row++) {
      for (int column = 0; column < FIELDS; column++) {
        for (int channel = 0; channel < raster.channels(); channel++) {
          means[row * FIELDS + column][channel] = mean(raster, samples, channel, row, column);
        }
      }
    }
    return means;
  }

  private static double mean(Raster raster, byte[] samples, int channel, int row, int column) {
    int top = raster.height() * row / FIELDS;
    int bottom = Math.max(raster.height() * (row + 1) / FIELDS, top + 1);
    int left = raster.width() * column / FIELDS;
    int right = Math.max(raster.width() * (column + 1) / FIELDS, left + 1);
    double sum = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += Byte.toUnsignedInt(samples[(channel * raster.height() + y) * raster.width() + x]);
      }
    }
    return sum / ((bottom - top) * (right - left));
  }

  private static byte[] bytes(Expected image) throws IOException {
    return Files.readAllBytes(SharedData.path("awkward-images").resolve(image.file()));
  }
}
