package org.murmuration.worker.accel.graph;

import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.onednn.Window.Pair;

/**
 * The geometry of a kernel that moves over an image, as DL4J's convolution modes have it.
 *
 * @param window how it moves
 * @param output the size of what comes out
 */
record Windows(Window window, Pair output) {

  /** What DL4J's configuration says. */
  record Spec(Pair kernel, Pair stride, Pair padding, Pair dilation, ConvolutionMode mode) {
    static Spec of(
        int[] kernel, int[] stride, int[] padding, int[] dilation, ConvolutionMode mode) {
      return new Spec(pair(kernel), pair(stride), pair(padding), pair(dilation), mode);
    }

    private static Pair pair(int... heightWidth) {
      return new Pair(heightWidth[0], heightWidth[1]);
    }
  }

  /** One of the two directions. */
  private record Side(long before, long after, long output) {}

  static Windows convolution(Spec spec, long height, long width) {
    return of(
        spec,
        convolutionSide(spec, Pair::height, height),
        convolutionSide(spec, Pair::width, width));
  }

  static Windows deconvolution(Spec spec, long height, long width) {
    return of(
        spec,
        deconvolutionSide(spec, Pair::height, height),
        deconvolutionSide(spec, Pair::width, width));
  }

  private static Windows of(Spec spec, Side vertical, Side horizontal) {
    return new Windows(
        new Window(
            spec.kernel,
            spec.stride,
            spec.dilation,
            new Pair(vertical.before, horizontal.before),
            new Pair(vertical.after, horizontal.after)),
        new Pair(vertical.output, horizontal.output));
  }

  private static Side convolutionSide(Spec spec, ToLongFunction<Pair> side, long input) {
    long stride = side.applyAsLong(spec.stride);
    long kernel = effectiveKernel(spec, side);
    var same = isSame(spec);
    long output =
        same
            ? (input + stride - 1) / stride
            : (input + 2 * side.applyAsLong(spec.padding) - kernel) / stride + 1;
    long total = (output - 1) * stride + kernel - input;
    long before = same ? Math.max(0, total / 2) : side.applyAsLong(spec.padding);
    return new Side(before, total - before, requirePositive(output));
  }

  private static Side deconvolutionSide(Spec spec, ToLongFunction<Pair> side, long input) {
    long stride = side.applyAsLong(spec.stride);
    long spread = (input - 1) * stride + effectiveKernel(spec, side);
    var same = isSame(spec);
    long output = same ? input * stride : spread - 2 * side.applyAsLong(spec.padding);
    long before = same ? (spread - output) / 2 : side.applyAsLong(spec.padding);
    return new Side(before, spread - output - before, requirePositive(output));
  }

  private static boolean isSame(Spec spec) {
    return switch (spec.mode) {
      case Same -> true;
      case Strict, Truncate -> false;
      case Causal -> throw new NotCompilableException("its convolution mode is Causal");
    };
  }

  private static long effectiveKernel(Spec spec, ToLongFunction<Pair> side) {
    return (side.applyAsLong(spec.kernel) - 1) * side.applyAsLong(spec.dilation) + 1;
  }

  private static long requirePositive(long output) {
    if (output < 1) {
      throw new NotCompilableException("its kernel is larger than the image");
    }
    return output;
  }
}
