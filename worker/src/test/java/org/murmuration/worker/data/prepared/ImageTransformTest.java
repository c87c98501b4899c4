package org.murmuration.worker.data.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.source.PixelImage;

class ImageTransformTest {

  @Test
  void cutsOffOnBothSidesWhatSticksOut() throws IOException {
    // Columns of levels 0, 10, 20, 30: the middle two stay.
    var image = gray(2, 4, 0, 10, 20, 30, 0, 10, 20, 30);

    assertThat(planes(image, 2, 2, Colors.GRAY, Fit.CROP, 0)).containsExactly(10, 20, 10, 20);
  }

  @Test
  void shrinksToCoverBeforeItCuts() throws IOException {
    var image = gray(4, 8, IntStream.range(0, 32).map(i -> i % 8 / 2 * 50).toArray());

    assertThat(planes(image, 2, 2, Colors.GRAY, Fit.CROP, 0)).containsExactly(50, 100, 50, 100);
  }

  @Test
  void fillsUpWithTheBackground() throws IOException {
    // Its two columns fit as they are; of three rows that are missing, the odd one goes below.
    assertThat(planes(gray(1, 2, 10, 20), 2, 4, Colors.GRAY, Fit.PAD, 77))
        .containsExactly(77, 77, 10, 20, 77, 77, 77, 77);
  }

  @Test
  void stretches() throws IOException {
    assertThat(planes(gray(1, 2, 10, 20), 2, 2, Colors.GRAY, Fit.STRETCH, 0))
        .containsExactly(10, 20, 10, 20);
  }

  @ParameterizedTest
  @EnumSource(Fit.class)
  void leavesAnImageOfTheRightSizeAsItIs(Fit fit) throws IOException {
    assertThat(planes(gray(2, 2, 1, 2, 3, 4), 2, 2, Colors.GRAY, fit, 0))
        .containsExactly(1, 2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource({"1,1000", "1000,1", "3,7", "640,480"})
  void givesTheSizeWhateverTheImageHas(int height, int width) throws IOException {
    var image = new PixelImage(new ImageShape(1, height, width), new byte[height * width]);
    for (var fit : Fit.values()) {
      assertThat(planes(image, 5, 3, Colors.RGB, fit, 0)).hasSize(45);
    }
  }

  @Test
  void convertsColoursAsTheirDefinitionsSay() throws IOException {
    var red = 200;
    var green = 100;
    var blue = 50;
    var pixel = rgb(red, green, blue);
    double luma = 0.299 * red + 0.587 * green + 0.114 * blue;

    assertThat(planes(pixel, 1, 1, Colors.RGB, Fit.CROP, 0)).containsExactly(red, green, blue);
    assertThat(planes(pixel, 1, 1, Colors.BGR, Fit.CROP, 0)).containsExactly(blue, green, red);
    assertThat(planes(pixel, 1, 1, Colors.GRAY, Fit.CROP, 0)[0])
        .isCloseTo((int) Math.round(luma), within(1));
    var hsv = planes(pixel, 1, 1, Colors.HSV, Fit.CROP, 0);
    // Hue 60 (g - b) / (max - min) = 20 degrees, in steps of two.
    assertThat(hsv[0]).isCloseTo(10, within(1));
    assertThat(hsv[1]).isCloseTo((int) Math.round(255.0 * 150 / 200), within(1));
    assertThat(hsv[2]).isEqualTo(200);
    var ycrcb = planes(pixel, 1, 1, Colors.YCRCB, Fit.CROP, 0);
    assertThat(ycrcb[0]).isCloseTo((int) Math.round(luma), within(1));
    assertThat(ycrcb[1]).isCloseTo((int) Math.round((red - luma) * 0.713 + 128), within(1));
    assertThat(ycrcb[2]).isCloseTo((int) Math.round((blue - luma) * 0.564 + 128), within(1));
    // Of white: L* 100, a* and b* 0.
    assertThat(planes(rgb(255, 255, 255), 1, 1, Colors.LAB, Fit.CROP, 0))
        .containsExactly(255, 128, 128);
  }

  @Test
  void makesThreeEqualChannelsOfGray() throws IOException {
    assertThat(planes(gray(1, 1, 9), 1, 1, Colors.RGB, Fit.CROP, 0)).containsExactly(9, 9, 9);
  }

  @Test
  void takesTheNearestClassOfAMaskAndNoneBeside() throws IOException {
    var transform = transform(6, 3, Colors.RGB, Fit.PAD, 0);
    try (var mask = transform.mask(gray(1, 2, 3, 9), transform.decoder(), 255)) {
      var levels = new byte[18];
      mask.copyPlanes(levels, 0);
      assertThat(unsigned(levels))
          .containsExactly(3, 3, 3, 9, 9, 9, 3, 3, 3, 9, 9, 9, 3, 3, 3, 9, 9, 9);
    }
    var tall = transform(2, 3, Colors.RGB, Fit.PAD, 0);
    try (var mask = tall.mask(gray(1, 2, 3, 9), tall.decoder(), 255)) {
      var levels = new byte[6];
      mask.copyPlanes(levels, 0);
      assertThat(unsigned(levels)).containsExactly(255, 255, 3, 9, 255, 255);
    }
  }

  @Test
  void refusesAMaskInColour() {
    var transform = transform(1, 1, Colors.RGB, Fit.PAD, 0);
    assertThatThrownBy(() -> transform.mask(rgb(1, 2, 3), transform.decoder(), 255))
        .isInstanceOf(UndecodableImageException.class)
        .hasMessageContaining("a mask of classes must be gray");
  }

  private static PixelImage gray(int height, int width, int... levels) {
    return new PixelImage(new ImageShape(1, height, width), bytes(levels));
  }

  private static PixelImage rgb(int red, int green, int blue) {
    return new PixelImage(new ImageShape(3, 1, 1), bytes(red, green, blue));
  }

  private static ImageTransform transform(
      int width, int height, Colors colors, Fit fit, int background) {
    return new ImageTransform(width, height, colors, fit, background, ImageLimits.DEFAULT);
  }

  private static int[] planes(
      PixelImage image, int width, int height, Colors colors, Fit fit, int background)
      throws IOException {
    var transform = transform(width, height, colors, fit, background);
    return unsigned(transform.planes(image, transform.decoder()));
  }

  private static byte[] bytes(int... levels) {
    var bytes = new byte[levels.length];
    IntStream.range(0, levels.length).forEach(i -> bytes[i] = (byte) levels[i]);
    return bytes;
  }

  private static int[] unsigned(byte[] bytes) {
    return IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i])).toArray();
  }
}
