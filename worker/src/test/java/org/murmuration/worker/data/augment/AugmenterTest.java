package org.murmuration.worker.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.Raster;

class AugmenterTest {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 10);
  private static final ImageShape MASK = new ImageShape(1, 8, 10);
  private static final int PLANE = 80;

  static List<Augmentation> all() {
    return List.of(
        new RandomResizedCrop(0.2, 0.9, 0.5, 2),
        new Flip(true, 0.5),
        new Flip(false, 0.5),
        new PadAndCrop(3),
        new Rotation(45),
        new ColorJitter(0.4, 0.4, 0.4, 0.2),
        new Cutout(3),
        new RandAugment(3, 9));
  }

  @ParameterizedTest
  @MethodSource("all")
  void doesTheSameForTheSameSampleAndOtherThingsForOthers(Augmentation augmentation) {
    var augmenter = new Augmenter(List.of(augmentation), List.of(), 7);
    var picture = noise(1);
    Set<List<Byte>> results = new HashSet<>();
    for (int epoch = 0; epoch < 8; epoch++) {
      for (long sample = 0; sample < 8; sample++) {
        var once = apply(augmenter, picture, epoch, sample);
        assertThat(apply(augmenter, picture, epoch, sample)).isEqualTo(once);
        results.add(list(once));
      }
    }
    assertThat(results)
        .as("of 64 pictures")
        .hasSizeGreaterThan(augmentation instanceof Flip ? 1 : 8);
  }

  @Test
  void isNotChangedByAStepThatFollows() {
    var first = new Augmenter(List.of(new PadAndCrop(3), new Flip(true, 0.5)), List.of(), 7);
    var both =
        new Augmenter(List.of(new PadAndCrop(3), new Flip(true, 0.5), new Cutout(1)), List.of(), 7);
    for (int sample = 0; sample < 20; sample++) {
      var without = apply(first, noise(1), 0, sample);
      var with = apply(both, noise(1), 0, sample);
      long changed = IntStream.range(0, PLANE).filter(i -> without[i] != with[i]).count();
      assertThat(changed)
          .as("pixels that the cutout of one pixel has changed")
          .isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void givesTheTargetsSizeFromAnySize(Augmentation augmentation) {
    var augmenter = new Augmenter(List.of(augmentation), List.of(), 1);
    for (var shape :
        List.of(new ImageShape(3, 1, 1), new ImageShape(3, 20, 7), new ImageShape(1, 5, 40))) {
      var raster = Raster.ofPlanes(shape, new byte[shape.bytes()], 0);
      try (var canvas = augmenter.apply(raster, Optional.empty(), SHAPE, 0, 5)) {
        assertThat(canvas.width()).isEqualTo(SHAPE.width());
        assertThat(canvas.height()).isEqualTo(SHAPE.height());
        assertThat(canvas.image().channels()).isEqualTo(shape.channels());
      }
    }
  }

  /** Where a mask says what row and column a pixel is of, its image must show that pixel. */
  @Property(tries = 200)
  void letsMasksFollow(
      @ForAll @IntRange(max = 4) int which, @ForAll @IntRange(max = 999) int sample) {
    var moves =
        List.<Augmentation>of(
            new Flip(true, 1),
            new Flip(false, 1),
            new PadAndCrop(3),
            new RandomResizedCrop(0.3, 1, 0.5, 2),
            new Rotation(90));
    // Blocks of 4 x 5 pixels of one level, so that interpolation within a block changes nothing.
    var levels = new byte[PLANE];
    for (int i = 0; i < PLANE; i++) {
      levels[i] = (byte) (1 + (i / 10 / 4) * 2 + (i % 10 / 5));
    }
    var image = Raster.ofPlanes(MASK, times(levels, 50), 0);
    var mask = Raster.ofPlanes(MASK, levels, 0);
    var augmenter = new Augmenter(List.of(moves.get(which)), List.of(), 3);

    try (var canvas = augmenter.apply(image, Optional.of(mask), MASK, 0, sample)) {
      var pixels = new byte[PLANE];
      canvas.image().copyPlanes(pixels, 0);
      var classes = new byte[PLANE];
      canvas.mask().orElseThrow().copyPlanes(classes, 0);
      int matching = 0;
      for (int i = 0; i < PLANE; i++) {
        int level = Byte.toUnsignedInt(pixels[i]);
        int expected = classes[i] == -1 ? 0 : classes[i] * 50;
        matching += Math.abs(level - expected) <= 25 ? 1 : 0;
      }
      // Along the edges of blocks the image is interpolated and the mask is not.
      assertThat(matching).isGreaterThan(PLANE * 3 / 4);
    }
  }

  @Test
  void flipsExactly() {
    var picture = noise(2);
    var mirrored = apply(new Augmenter(List.of(new Flip(true, 1)), List.of(), 0), picture, 0, 0);
    var upended = apply(new Augmenter(List.of(new Flip(false, 1)), List.of(), 0), picture, 0, 0);
    for (int channel = 0; channel < 3; channel++) {
      for (int row = 0; row < 8; row++) {
        for (int column = 0; column < 10; column++) {
          byte level = picture[channel * PLANE + row * 10 + column];
          assertThat(mirrored[channel * PLANE + row * 10 + 9 - column]).isEqualTo(level);
          assertThat(upended[channel * PLANE + (7 - row) * 10 + column]).isEqualTo(level);
        }
      }
    }
  }

  @Test
  void flipsAsOftenAsItShould() {
    var augmenter = new Augmenter(List.of(new Flip(true, 0.3)), List.of(), 5);
    var picture = noise(2);
    long flipped =
        IntStream.range(0, 2_000)
            .filter(sample -> !Arrays.equals(apply(augmenter, picture, 0, sample), picture))
            .count();
    // Four standard deviations of 2,000 draws.
    assertThat(flipped / 2_000.0).isCloseTo(0.3, within(4 * Math.sqrt(0.21 / 2_000)));
  }

  @Test
  void movesByWholePixelsOverBlack() {
    var augmenter = new Augmenter(List.of(new PadAndCrop(2)), List.of(), 5);
    var white = new byte[SHAPE.bytes()];
    Arrays.fill(white, (byte) 255);
    Set<String> moves = new HashSet<>();
    for (int sample = 0; sample < 500; sample++) {
      var moved = apply(augmenter, white, 0, sample);
      long black = IntStream.range(0, PLANE).filter(i -> moved[i] == 0).count();
      long rows = IntStream.range(0, 8).filter(r -> moved[r * 10 + 4] == 0).count();
      long columns = IntStream.range(0, 10).filter(c -> moved[40 + c] == 0).count();
      assertThat(black).isEqualTo(PLANE - (8 - rows) * (10 - columns));
      assertThat(rows).isBetween(0L, 2L);
      assertThat(columns).isBetween(0L, 2L);
      moves.add(
          (moved[4] == 0 ? "down" : "up") + rows + (moved[40] == 0 ? "right" : "left") + columns);
    }
    assertThat(moves).as("all moves by up to two pixels").hasSize(25);
  }

  @Test
  void turnsByAHalfTurnAsTwoFlipsDo() {
    var picture = noise(3);
    try (var canvas =
        new Canvas(Raster.ofPlanes(SHAPE, picture, 0), Optional.empty(), 10, 8, 255)) {
      Rotation.rotate(canvas, 180);
      var turned = new byte[SHAPE.bytes()];
      canvas.image().copyPlanes(turned, 0);
      for (int i = 0; i < PLANE; i++) {
        assertThat(Byte.toUnsignedInt(turned[PLANE - 1 - i]))
            .isCloseTo(Byte.toUnsignedInt(picture[i]), within(1));
      }
    }
  }

  @Test
  void turnsCounterclockwise() {
    var square = new ImageShape(1, 5, 5);
    var picture = new byte[25];
    picture[4] = (byte) 200; // The upper right corner goes to the upper left.
    try (var canvas =
        new Canvas(Raster.ofPlanes(square, picture, 0), Optional.empty(), 5, 5, 255)) {
      Rotation.rotate(canvas, 90);
      var turned = new byte[25];
      canvas.image().copyPlanes(turned, 0);
      assertThat(Byte.toUnsignedInt(turned[0])).isCloseTo(200, within(1));
    }
  }

  @Property(tries = 100)
  void cutsOutASquareAndNothingElse(
      @ForAll @IntRange(min = 1, max = 6) int size, @ForAll @IntRange(max = 999) int sample) {
    var black = new byte[SHAPE.bytes()];
    var cut = apply(new Augmenter(List.of(new Cutout(size)), List.of(), 2), black, 0, sample);
    var gray = IntStream.range(0, PLANE).filter(i -> cut[i] != 0).toArray();
    int rows = 1 + gray[gray.length - 1] / 10 - gray[0] / 10;
    int columns =
        1
            + Arrays.stream(gray).map(i -> i % 10).max().orElseThrow()
            - Arrays.stream(gray).map(i -> i % 10).min().orElseThrow();
    assertThat(gray).hasSize(rows * columns);
    assertThat(rows).isBetween(1, size);
    assertThat(columns).isBetween(1, size);
    assertThat(Arrays.stream(gray).map(i -> cut[i])).allMatch(level -> level == (byte) 128);
  }

  @Property(tries = 300)
  void cropsPartsWithinTheirRanges(@ForAll @IntRange(max = 99_999) int sample) {
    // Each pixel tells its column and its row, so that the corners of the result tell the part.
    int side = 200;
    var planes = new byte[2 * side * side + side * side];
    for (int i = 0; i < side * side; i++) {
      planes[i] = (byte) (i % side);
      planes[side * side + i] = (byte) (i / side);
    }
    var raster = Raster.ofPlanes(new ImageShape(3, side, side), planes, 0);
    var target = new ImageShape(3, 100, 100);
    var augmenter = new Augmenter(List.of(new RandomResizedCrop(0.3, 0.6, 0.5, 2)), List.of(), 1);
    try (var canvas = augmenter.apply(raster, Optional.empty(), target, 0, sample)) {
      var crop = new byte[target.bytes()];
      canvas.image().copyPlanes(crop, 0);
      double width = extent(crop, 0, 99) * 100 / 99;
      double height = extent(crop, 10_000, 10_000 + 9_900) * 100 / 99;
      assertThat(width * height / (side * side)).isBetween(0.3 - 0.03, 0.6 + 0.03);
      assertThat(width / height).isBetween(0.5 * 0.95, 2 * 1.05);
    }
  }

  private static double extent(byte[] crop, int from, int to) {
    return Byte.toUnsignedInt(crop[to]) - Byte.toUnsignedInt(crop[from]);
  }

  @Test
  void refusesTwoMixings() {
    assertThatThrownBy(() -> new Augmenter(List.of(), List.of(new Mixup(1), new CutMix(1)), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in one way only");
  }

  @Test
  void refusesNumbersThatMeanNothing() {
    refused(() -> new RandomResizedCrop(0, 1, 1, 1), "min-area = 0.0 must be in (0, max-area]");
    refused(() -> new RandomResizedCrop(0.5, 1.5, 1, 1), "max-area = 1.5");
    refused(() -> new RandomResizedCrop(0.5, 1, 2, 1), "min-aspect = 2.0");
    refused(() -> new Flip(true, 1.1), "probability = 1.1");
    refused(() -> new PadAndCrop(0), "padding = 0 must be >= 1");
    refused(() -> new Rotation(200), "degrees = 200.0");
    refused(() -> new ColorJitter(-1, 0, 0, 0), "brightness = -1.0");
    refused(() -> new ColorJitter(0, 0, 0, 0.6), "hue = 0.6");
    refused(() -> new Cutout(0), "size = 0");
    refused(() -> new RandAugment(0, 5), "operations = 0");
    refused(() -> new RandAugment(1, 11), "magnitude = 11.0");
    refused(() -> new Mixup(0), "alpha = 0.0");
    refused(() -> new CutMix(-1), "alpha = -1.0");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable make, String message) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static byte[] apply(Augmenter augmenter, byte[] picture, int epoch, long sample) {
    try (var canvas =
        augmenter.apply(
            Raster.ofPlanes(SHAPE, picture, 0), Optional.empty(), SHAPE, epoch, sample)) {
      var planes = new byte[SHAPE.bytes()];
      canvas.image().copyPlanes(planes, 0);
      return planes;
    }
  }

  private static byte[] noise(long seed) {
    var bytes = new byte[SHAPE.bytes()];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] times(byte[] levels, int factor) {
    var larger = new byte[levels.length];
    for (int i = 0; i < larger.length; i++) {
      larger[i] = (byte) (levels[i] * factor);
    }
    return larger;
  }

  private static List<Byte> list(byte[] bytes) {
    return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
  }
}
