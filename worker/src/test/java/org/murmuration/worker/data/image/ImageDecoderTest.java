package org.murmuration.worker.data.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.data.SharedData;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

class ImageDecoderTest {
  private final ImageDecoder colour = new ImageDecoder(ImageLimits.DEFAULT, 3, 255);
  private final ImageDecoder gray = new ImageDecoder(ImageLimits.DEFAULT, 1, 255);

  @Test
  void givesRedGreenAndBlueChannelByChannel() throws IOException {
    try (var image = colour.decode(ppm(2, 1, 1, 2, 3, 4, 5, 6))) {
      assertThat(planes(image)).containsExactly(1, 4, 2, 5, 3, 6);
    }
  }

  @Test
  void makesGrayOfColourByItsLuma() throws IOException {
    try (var image = gray.decode(ppm(1, 1, 200, 100, 50))) {
      // ITU-R BT.601.
      assertThat(planes(image)[0])
          .isCloseTo((int) Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50), within(1));
    }
  }

  @Property
  void roundsSixteenBitsToEight(@ForAll @IntRange(max = 65_535) int value) throws IOException {
    var pgm = new ByteArrayOutputStream();
    pgm.writeBytes("P5 1 1 65535\n".getBytes(US_ASCII));
    pgm.write(value >> 8);
    pgm.write(value);
    try (var image = gray.decode(pgm.toByteArray())) {
      assertThat(planes(image)[0]).isCloseTo((int) Math.round(value / 257.0), within(0));
    }
  }

  @Test
  void shrinksToTheMeanOfWhatAPixelCovers() throws IOException {
    try (var image = colour.decode(ppm(4, 2, grays(0, 10, 100, 200, 20, 30, 0, 100)));
        var half = image.resized(2, 1)) {
      assertThat(planes(half)).containsExactly(15, 100, 15, 100, 15, 100);
    }
  }

  @Test
  void shrinksOneAxisByMeansWhileTheOtherGrows() throws IOException {
    // A pattern as fine as a pixel, of which a decoder that drops every other column shows half.
    try (var image = colour.decode(ppm(4, 1, grays(0, 255, 0, 255)));
        var resized = image.resized(2, 3)) {
      assertThat(Arrays.stream(planes(resized))).allMatch(level -> level == 127 || level == 128);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 8, 13, 20})
  void interpolatesBetweenCentresWhereItGrowsOrHardlyShrinks(int width) throws IOException {
    // A ramp of ten columns, which stays one.
    var ramp = IntStream.range(0, 10).map(i -> 20 * i).toArray();
    try (var image = gray.decode(ppm(10, 1, grays(ramp)));
        var resized = image.resized(width, 1)) {
      var levels = planes(resized);
      for (int i = 0; i < width; i++) {
        var centre = (i + 0.5) * 10 / width - 0.5;
        var expected = 20 * Math.min(9, Math.max(0, centre));
        assertThat((double) levels[i]).as("column %d", i).isCloseTo(expected, within(1.0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10000, 1200, 1800",
    "400, 1200, 1800",
    "300, 600, 900",
    "150, 300, 450",
    "1, 150, 225"
  })
  void decodesJpegsAtTheSizeThatIsNeeded(int needed, int width, int height) throws IOException {
    var encoded = Files.readAllBytes(awkward("exif-Portrait_5.jpg"));
    try (var image = colour.decode(encoded, needed);
        var small = image.resized(10, 15);
        var whole = colour.decode(encoded);
        var expected = whole.resized(10, 15)) {
      assertThat(image.width()).isEqualTo(width);
      assertThat(image.height()).isEqualTo(height);
      var found = planes(small);
      var wanted = planes(expected);
      for (int i = 0; i < wanted.length; i++) {
        assertThat(found[i]).isCloseTo(wanted[i], within(3));
      }
    }
  }

  @Test
  void leavesOtherFormatsAtTheirSize() throws IOException {
    // OpenCV would shrink them after decoding, and worse than resized does.
    var stripes = IntStream.range(0, 64 * 64).map(i -> i % 2 * 255).toArray();
    try (var image = colour.decode(ppm(64, 64, grays(stripes)), 1)) {
      assertThat(image.width()).isEqualTo(64);
    }
  }

  @Test
  void refusesWhatIsLargerThanTheLimitsBeforeItTakesMemory() {
    assertReason(Reason.TOO_LARGE, colour, png(60_000, 60_000));
    assertReason(Reason.TOO_LARGE, colour, png(70_000, 1));
    var small = new ImageDecoder(new ImageLimits(20, 100, 100), 3, 0);
    assertReason(Reason.TOO_LARGE, small, ppm(2, 2, grays(1, 2, 3, 4)));
  }

  @Test
  void refusesWhatIsNoImage() {
    assertReason(Reason.UNKNOWN_FORMAT, colour, new byte[0]);
    assertReason(Reason.UNKNOWN_FORMAT, colour, "<html>not found</html>".getBytes(US_ASCII));
    assertReason(Reason.CORRUPT, colour, png(0, 1));
    assertReason(Reason.CORRUPT, colour, "P6 two three 255\n".getBytes(US_ASCII));
    assertReason(Reason.TRUNCATED, colour, "P6 2 2 255\nabc".getBytes(US_ASCII));
  }

  @Property(tries = 400)
  void survivesAnyDamage(@ForAll("damaged") byte[] encoded) {
    try (var image = colour.decode(encoded)) {
      assertThat(planes(image)).hasSize(3 * image.width() * image.height());
    } catch (UndecodableImageException e) {
      assertThat(e).hasMessageStartingWith("it");
    }
  }

  @Provide
  Arbitrary<byte[]> damaged() {
    return Arbitraries.of(
            "hopper_gray.jpg",
            "testimgari.jpg",
            "pil_sample_cmyk.jpg",
            "l_trns.png",
            "basn6a16.png",
            "hopper.webp",
            "16bit.cropped.tif",
            "hopper.bmp",
            "hopper_16bit.pgm",
            "no_palette.gif")
        .map(ImageDecoderTest::bytes)
        .flatMap(
            whole ->
                Arbitraries.integers()
                    .between(0, whole.length - 1)
                    .tuple4()
                    .map(places -> damage(whole, places.get1(), places.get2(), places.get3())));
  }

  /** Changes two bytes, of which one is near the start, and cuts the end off every other time. */
  private static byte[] damage(byte[] whole, int first, int second, int end) {
    var damaged = end % 2 == 0 ? whole.clone() : Arrays.copyOf(whole, end);
    if (damaged.length > 0) {
      damaged[first % damaged.length] ^= (byte) (1 + second % 255);
      damaged[second % Math.min(damaged.length, 64)] = (byte) first;
    }
    return damaged;
  }

  private static void assertReason(Reason reason, ImageDecoder decoder, byte[] encoded) {
    assertThatThrownBy(() -> decoder.decode(encoded))
        .isInstanceOfSatisfying(
            UndecodableImageException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
  }

  private static int[] planes(Raster image) {
    var samples = new byte[image.channels() * image.width() * image.height()];
    image.copyPlanes(samples, 0);
    var levels = new int[samples.length];
    Arrays.setAll(levels, i -> Byte.toUnsignedInt(samples[i]));
    return levels;
  }

  private static int[] grays(int... levels) {
    return Arrays.stream(levels).flatMap(level -> IntStream.of(level, level, level)).toArray();
  }

  private static byte[] ppm(int width, int height, int... samples) {
    var file = new ByteArrayOutputStream();
    file.writeBytes(
        "P6\n# made for a test\n%d %d 255\n".formatted(width, height).getBytes(US_ASCII));
    Arrays.stream(samples).forEach(file::write);
    return file.toByteArray();
  }

  /** A PNG that claims a size and has no pixels. */
  private static byte[] png(int width, int height) {
    var file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    var header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    chunk(file, "IHDR", header.put(new byte[] {8, 2, 0, 0, 0}).array());
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
    var checksum = new CRC32();
    checksum.update(type.getBytes(US_ASCII));
    checksum.update(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    file.writeBytes(type.getBytes(US_ASCII));
    file.writeBytes(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }

  private static Path awkward(String name) {
    return SharedData.path("awkward-images").resolve(name);
  }

  private static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(awkward(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
