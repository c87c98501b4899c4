package org.murmuration.worker.accel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;

/**
 * Values against formulas in double precision, and gradients against central differences of those.
 */
class ImageKernelTest {
  private static final ImageSize SIZE = new ImageSize(3, 7, 6);
  private static final ImageSize GRAY = new ImageSize(1, 5, 9);
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 2e-5;
  private static final float[] PLACES = {-0.6f, -0.2f, 0.2f};
  private static final double[][] FACTORS = {{1, 0, 0, 0.1}, {0, 0.7, 0, -0.2}, {0, 0, 1.5, 0}};
  private static final double[][] BASE = {
    {1, 0.2, -0.3, 0.1}, {0.5, 0.7, 0, -0.2}, {0, -0.4, 1.5, 0}
  };

  /** A kernel, what it should compute, and how many parameters it has. */
  private record Case(ImageKernel kernel, KernelReference reference, ImageSize size, int weights) {}

  static Stream<Named<Case>> kernels() {
    var changes = List.of(Change.values());
    return Stream.of(
        named("all colours", new ColorKernel(SIZE, BASE, false), color(), SIZE, 12),
        named("each colour", new ColorKernel(SIZE, FACTORS, true), affine(), SIZE, 6),
        named(
            "curves",
            new ToneCurveKernel(SIZE, 3, -0.6, 0.6),
            KernelReference.curve(SIZE, PLACES),
            SIZE,
            9),
        gabor("inside", 3, 1, 0, new ImageSize(4, 5, 4)),
        gabor("padded", 5, 1, 2, new ImageSize(4, 7, 6)),
        gabor("in steps", 4, 2, 1, new ImageSize(2, 3, 3)),
        resize("smaller", 3, 4),
        resize("larger", 11, 9),
        resize("one pixel", 1, 1),
        resize("the same", 7, 6),
        named(
            "augment",
            new AugmentKernel(SIZE, changes),
            KernelReference.augment(SIZE),
            SIZE,
            changes.size()),
        named(
            "augment gray",
            new AugmentKernel(GRAY, changes),
            KernelReference.augment(GRAY),
            GRAY,
            changes.size()));
  }

  private static KernelReference color() {
    return KernelReference.color(SIZE, BASE);
  }

  private static KernelReference affine() {
    return KernelReference.affine(SIZE, FACTORS);
  }

  private static Named<Case> gabor(
      String name, int kernel, int stride, int padding, ImageSize output) {
    return named(
        "waves " + name,
        new GaborKernel(SIZE, kernel, stride, padding, padding, output),
        KernelReference.gabor(SIZE, kernel, stride, padding, padding, output),
        SIZE,
        8 * output.channels());
  }

  private static Named<Case> resize(String name, int height, int width) {
    return named(
        "resize to " + name,
        new ResizeKernel(SIZE, height, width),
        KernelReference.resize(SIZE, height, width),
        SIZE,
        0);
  }

  private static Named<Case> named(
      String name, ImageKernel kernel, KernelReference reference, ImageSize size, int weights) {
    return Named.of(name, new Case(kernel, reference, size, weights));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void shouldComputeWhatTheFormulaSays(Case of) {
    for (long seed = 0; seed < 20; seed++) {
      var at = new Point(of, seed);
      var y = new float[of.kernel.output().length()];
      Arrays.fill(y, Float.NaN);
      of.kernel.forward(floats(at.weights), floats(at.drawn), floats(at.image), y);

      assertClose(y, at.values());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void shouldHaveTheGradientOfTheImage(Case of) {
    for (long seed = 0; seed < 20; seed++) {
      var at = new Point(of, seed);
      var dx = new float[of.size.length()];
      Arrays.fill(dx, Float.NaN);
      of.kernel.backward(
          floats(at.weights), floats(at.drawn), floats(at.image), floats(at.gradient), dx);

      assertClose(dx, at.derivatives(at.image));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void shouldAddTheGradientOfParameters(Case of) {
    for (long seed = 0; seed < 20; seed++) {
      var at = new Point(of, seed);
      var learned = new double[of.weights];
      Arrays.fill(learned, 0.5);
      of.kernel.learn(
          floats(at.weights), floats(at.drawn), floats(at.image), floats(at.gradient), learned);

      var expected = at.derivatives(at.weights);
      for (int i = 0; i < learned.length; i++) {
        assertThat(learned[i] - 0.5)
            .as("parameter %d, seed %d", i, seed)
            .isCloseTo(expected[i], within(TOLERANCE * 10 * Math.max(1, Math.abs(expected[i]))));
      }
    }
  }

  /** A straight slope stays one where the border is far. */
  @Test
  void shouldKeepSlopes() {
    var size = new ImageSize(1, 12, 24);
    var ramp = new float[size.length()];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i % 24 + 0.5f;
    }
    var small = new float[6 * 8];
    new ResizeKernel(size, 6, 8).forward(new float[0], new float[0], ramp, small);

    for (int column = 1; column < 7; column++) {
      assertThat(small[3 * 8 + column]).isCloseTo(column * 3 + 1.5f, within(1e-5f));
    }
  }

  /** Each filter has the norm 1 at first, and none is like another. */
  @Test
  void shouldStartAsWavesOfManyAngles() {
    var kernel = new GaborKernel(SIZE, 5, 1, 0, 0, new ImageSize(6, 3, 2));
    var filters = kernel.filters(new float[6 * 8]);

    for (int f = 0; f < 6; f++) {
      for (int other = 0; other <= f; other++) {
        double product = 0;
        for (int i = 0; i < 75; i++) {
          product += filters[f * 75 + i] * filters[other * 75 + i];
        }
        if (other == f) {
          assertThat(product).isCloseTo(1, within(1e-5));
        } else {
          assertThat(Math.abs(product)).isLessThan(0.99);
        }
      }
    }
  }

  /** A quarter turn of a square moves each pixel to where another was. */
  @Test
  void shouldTurnASquare() {
    var size = new ImageSize(1, 5, 5);
    var kernel = new AugmentKernel(size, List.of(Change.ROTATION));
    var image = new float[25];
    for (int i = 0; i < 25; i++) {
      image[i] = i;
    }
    var turned = new float[25];
    kernel.forward(new float[] {(float) Math.PI}, new float[] {0.5f}, image, turned);

    for (int row = 0; row < 5; row++) {
      for (int column = 0; column < 5; column++) {
        assertThat(turned[row * 5 + column]).isCloseTo(column * 5 + 4 - row, within(1e-4f));
      }
    }
  }

  /** Random numbers for all that a kernel takes. */
  private static final class Point {
    private final Case of;
    private final double[] weights;
    private final double[] drawn;
    private final double[] image;
    private final double[] gradient;

    Point(Case of, long seed) {
      var random = new SplittableRandom(seed);
      this.of = of;
      this.weights = uniform(random, of.weights, 0.4);
      this.drawn = uniform(random, of.kernel.draws(), 1);
      this.image = uniform(random, of.size.length(), 1);
      this.gradient = uniform(random, of.kernel.output().length(), 1);
    }

    /** Representable as floats, so that both compute from the same. */
    private static double[] uniform(SplittableRandom random, int count, double bound) {
      return random.doubles(count, -bound, bound).map(value -> (float) value).toArray();
    }

    double[] values() {
      return of.reference.compute(weights, drawn, image);
    }

    /** Of the sum of all values times the gradient, by what is changed here. */
    double[] derivatives(double... changed) {
      var derivatives = new double[changed.length];
      for (int i = 0; i < changed.length; i++) {
        double value = changed[i];
        changed[i] = value + STEP;
        double above = sum();
        changed[i] = value - STEP;
        double below = sum();
        changed[i] = value;
        derivatives[i] = (above - below) / (2 * STEP);
      }
      return derivatives;
    }

    private double sum() {
      var values = values();
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[i] * gradient[i];
      }
      return sum;
    }
  }

  private static float[] floats(double... values) {
    var floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static void assertClose(float[] actual, double... expected) {
    assertThat(actual).hasSize(expected.length);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("at %d", i)
          .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
    }
  }
}
