package org.murmuration.worker.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.Raster;

/** Against the formulas in double precision. */
class ColorChangeTest {
  private static final ImageShape SHAPE = new ImageShape(3, 6, 7);
  private static final int PLANE = 42;
  private static final int[] LEVELS = levels();

  @Property(tries = 30)
  void brightens(@ForAll @DoubleRange(max = 2) double factor) {
    requireClose(changed(image -> ColorChange.brightness(image, factor)), i -> factor * LEVELS[i]);
  }

  @Property(tries = 30)
  void spreadsLevelsFromTheMeanLuma(@ForAll @DoubleRange(max = 2) double factor) {
    double mean =
        IntStream.range(0, PLANE).mapToDouble(ColorChangeTest::luma).average().orElseThrow();
    requireClose(
        changed(image -> ColorChange.contrast(image, factor)),
        i -> mean + factor * (LEVELS[i] - mean));
  }

  @Property(tries = 30)
  void spreadsColoursFromTheirLuma(@ForAll @DoubleRange(max = 2) double factor) {
    requireClose(
        changed(image -> ColorChange.saturation(image, factor)),
        i -> luma(i % PLANE) + factor * (LEVELS[i] - luma(i % PLANE)),
        // OpenCV weighs channels in whole numbers.
        1);
  }

  @Test
  void turnsHues() {
    // A third of a turn: red becomes green, green blue, blue red.
    int[] pure = {200, 0, 0, 0, 200, 0, 0, 0, 200};
    var turned = changed(new ImageShape(3, 1, 3), pure, image -> ColorChange.hue(image, 1.0 / 3));
    int[] expected = {0, 0, 200, 200, 0, 0, 0, 200, 0};
    for (int i = 0; i < pure.length; i++) {
      assertThat(turned[i]).isCloseTo(expected[i], within(5));
    }
  }

  @Test
  void keepsEverythingAtTheFactorOne() {
    List<UnaryOperator<Raster>> changes =
        List.of(
            image -> ColorChange.brightness(image, 1),
            image -> ColorChange.contrast(image, 1),
            image -> ColorChange.saturation(image, 1),
            image -> ColorChange.sharpness(image, 1),
            image -> ColorChange.posterized(image, 8),
            image -> ColorChange.solarized(image, 256));
    for (var change : changes) {
      assertThat(changed(change)).isEqualTo(LEVELS);
    }
  }

  @Test
  void turnsOverWhatIsBright() {
    requireClose(
        changed(image -> ColorChange.solarized(image, 100)),
        i -> LEVELS[i] >= 100 ? 255 - LEVELS[i] : LEVELS[i]);
  }

  @Test
  void keepsUpperBits() {
    requireClose(changed(image -> ColorChange.posterized(image, 3)), i -> LEVELS[i] / 32 * 32);
  }

  @Test
  void stretchesEachChannelToAllLevels() {
    var shape = new ImageShape(3, 1, 3);
    int[] levels = {50, 100, 150, 7, 7, 7, 0, 128, 255};
    assertThat(changed(shape, levels, ColorChange::autocontrasted))
        .containsExactly(0, 128, 255, 7, 7, 7, 0, 128, 255);
  }

  @Test
  void equalizesToAboutAsManyPixelsOfEachLevel() {
    // 2,560 pixels of the levels 100 to 109 alone: each tenth of them takes a tenth of all levels.
    var shape = new ImageShape(1, 40, 64);
    var levels = IntStream.range(0, 2_560).map(i -> 100 + i % 10).toArray();
    var equalized = changed(shape, levels, ColorChange::equalized);
    for (int i = 0; i < 10; i++) {
      assertThat(equalized[i]).isCloseTo((int) Math.round(i * 256 / 9.0), within(2));
    }
  }

  @Test
  void sharpensAnEdgeAndSmoothsIt() {
    var shape = new ImageShape(1, 3, 6);
    var edge = IntStream.range(0, 18).map(i -> i % 6 < 3 ? 100 : 150).toArray();
    // In the row in the middle: beside the edge, 3 of 13 weights lie on its other side.
    double step = 50 * 3 / 13.0;
    var smooth = changed(shape, edge, image -> ColorChange.sharpness(image, 0));
    assertThat(smooth[8]).isCloseTo((int) Math.round(100 + step), within(1));
    var sharp = changed(shape, edge, image -> ColorChange.sharpness(image, 2));
    assertThat(sharp[8]).isCloseTo((int) Math.round(100 - step), within(1));
    assertThat(sharp[9]).isCloseTo((int) Math.round(150 + step), within(1));
  }

  private static double luma(int pixel) {
    return 0.299 * LEVELS[pixel]
        + 0.587 * LEVELS[PLANE + pixel]
        + 0.114 * LEVELS[2 * PLANE + pixel];
  }

  private interface Formula {
    double of(int index);
  }

  private static void requireClose(int[] actual, Formula expected) {
    requireClose(actual, expected, 0.51);
  }

  private static void requireClose(int[] actual, Formula expected, double tolerance) {
    for (int i = 0; i < actual.length; i++) {
      double clipped = Math.max(0, Math.min(255, expected.of(i)));
      assertThat((double) actual[i]).as("sample %d", i).isCloseTo(clipped, within(tolerance));
    }
  }

  private static int[] changed(UnaryOperator<Raster> change) {
    return changed(SHAPE, LEVELS, change);
  }

  private static int[] changed(ImageShape shape, int[] levels, UnaryOperator<Raster> change) {
    var bytes = new byte[levels.length];
    IntStream.range(0, levels.length).forEach(i -> bytes[i] = (byte) levels[i]);
    try (var image = Raster.ofPlanes(shape, bytes, 0);
        var changed = change.apply(image)) {
      changed.copyPlanes(bytes, 0);
      return IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i])).toArray();
    }
  }

  private static int[] levels() {
    var random = new SplittableRandom(4);
    return IntStream.range(0, SHAPE.bytes()).map(i -> random.nextInt(256)).toArray();
  }
}
