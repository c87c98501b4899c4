package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.InnerProduct;
import org.murmuration.worker.accel.onednn.Product;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.onednn.Window.Pair;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/**
 * The gradient of a convolution's weights as one product of matrices for each tap of the kernel:
 * pixels that the tap sees, times the gradients of the pixels that it sees them for. oneDNN's own
 * way is slow where images are small and weights many: for 512 channels of 4x4 pixels in bf16 it
 * takes five times as long.
 */
final class WeightsByTaps {

  /** Above so many pixels oneDNN's own way is as good. */
  private static final long MOST_PIXELS_FP32 = 16;

  private static final long MOST_PIXELS_BF16 = 64;

  /** Below so many weights of a tap there is nothing to gain. */
  private static final long FEWEST_WEIGHTS = 128 * 128;

  private final Emitter e;
  private final Value input;
  private final Value output;
  private final Window window;
  private final Tensor gradient;

  private WeightsByTaps(Emitter e, Value input, Value output, Window window, Tensor gradient) {
    this.e = e;
    this.input = input;
    this.output = output;
    this.window = window;
    this.gradient = gradient;
  }

  /** Whether this is the faster way, as measured; a bias would need a pass of its own. */
  static boolean serves(
      Emitter e,
      Window window,
      Value input,
      Value output,
      Parameter weights,
      Optional<Parameter> bias) {
    var one = new Pair(1, 1);
    var shape = weights.shape();
    long most = e.factors() == ElementType.BF16 ? MOST_PIXELS_BF16 : MOST_PIXELS_FP32;
    return bias.isEmpty()
        && window.stride().equals(one)
        && window.dilation().equals(one)
        && shape.length == 4
        && shape[2] * shape[3] > 1
        && allSee(window.before().height(), shape[2], input.size(2), output.size(2))
        && allSee(window.before().width(), shape[3], input.size(3), output.size(3))
        && shape[0] * shape[1] >= FEWEST_WEIGHTS
        && output.size(2) * output.size(3) <= most;
  }

  /** Whether no tap sees padding alone, which only the first and the last may do. */
  private static boolean allSee(long before, long kernel, long inputs, long outputs) {
    return new Span(-before, inputs, outputs).length() > 0
        && new Span(kernel - 1 - before, inputs, outputs).length() > 0;
  }

  /** Emits it; the gradient goes to its place in the flat vector. */
  static void emit(
      Emitter e, Value input, Value output, Window window, Parameter weights, Tensor gradient) {
    new WeightsByTaps(e, input, output, window, gradient).emit(weights);
  }

  private void emit(Parameter weights) {
    var shape = weights.shape();
    long out = shape[0];
    long in = shape[1];
    // Tap after tap, each a matrix.
    var taps =
        e.create(
            e.oneDnn()
                .strided(
                    ElementType.F32, shape, new long[] {in, 1, shape[3] * out * in, out * in}));
    var matrix = e.oneDnn().plain(ElementType.F32, out, in);
    for (long row = 0; row < shape[2]; row++) {
      for (long column = 0; column < shape[3]; column++) {
        emit(row, column, taps.part(matrix, (row * shape[3] + column) * matrix.bytes()));
      }
    }
    e.store(weights, taps);
  }

  private void emit(long row, long column, Tensor result) {
    var vertical = new Span(row - window.before().height(), input.size(2), output.size(2));
    var horizontal = new Span(column - window.before().width(), input.size(3), output.size(3));
    var seen =
        rows(e.tensor(input), vertical.inInput(), horizontal.inInput(), vertical, horizontal);
    var of = rows(gradient, vertical.from(), horizontal.from(), vertical, horizontal);
    var dnn = e.oneDnn();
    var product = new InnerProduct();
    var forward =
        product.forward(
            dnn,
            true,
            seen.layout(),
            dnn.any(e.factors(), result.layout().shape()),
            Optional.empty(),
            of.layout(),
            List.of());
    e.call(
        "gradient of a tap's weights",
        product.backwardWeights(
            dnn, seen.layout(), result.layout(), Optional.empty(), of.layout(), forward),
        Map.of(Argument.SRC, seen, Argument.DIFF_DST, of, Argument.DIFF_WEIGHTS, result),
        Product.flops(of.layout().shape(), result.layout().shape(), of.layout().shape()[1]));
  }

  /** The part of images that begins at a pixel, as one row of channels for each pixel. */
  private Tensor rows(Tensor images, long top, long left, Span vertical, Span horizontal) {
    var dnn = e.oneDnn();
    var shape = images.layout().shape();
    long channels = shape[1];
    long height = vertical.length();
    long width = horizontal.length();
    var part = new long[] {shape[0], channels, height, width};
    var box = images.as(dnn.box(images.layout(), part, new long[] {0, 0, top, left}));
    var pixelByPixel = new long[] {height * width * channels, 1, width * channels, channels};
    var result = e.create(dnn.strided(e.factors(), part, pixelByPixel));
    e.copy(box, result);
    return result.as(dnn.plain(e.factors(), shape[0] * height * width, channels));
  }

  /**
   * For which outputs of a row or column a tap sees a pixel and no padding.
   *
   * @param shift from an output to the pixel that the tap sees for it
   */
  private record Span(long shift, long inputs, long outputs) {
    long from() {
      return Math.max(0, -shift);
    }

    long inInput() {
      return from() + shift;
    }

    long length() {
      return Math.min(outputs, inputs - shift) - from();
    }
  }
}
