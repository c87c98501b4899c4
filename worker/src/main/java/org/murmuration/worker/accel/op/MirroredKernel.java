package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Convolution;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.onednn.Window.Pair;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/**
 * The gradient of a convolution's input as the convolution of the output's gradient with the
 * mirrored kernel, which is the same. oneDNN's own way is made for sixteen channels at a time: with
 * the three of an image and six filters it takes twice as long.
 */
final class MirroredKernel {

  /** With more channels, or more filters, oneDNN's own way is as good. */
  private static final long MOST_CHANNELS = 4;

  private static final long MOST_FILTERS = 15;

  private MirroredKernel() {}

  /** Whether this is the faster way, as measured. */
  static boolean serves(Window window, Value input, Parameter weights) {
    var one = new Pair(1, 1);
    return input.size(1) <= MOST_CHANNELS
        && weights.shape()[0] <= MOST_FILTERS
        && weights.shape().length == 4
        && window.stride().equals(one)
        && window.dilation().equals(one)
        && covers(window.kernel().height(), window.before().height(), window.after().height())
        && covers(window.kernel().width(), window.before().width(), window.after().width());
  }

  /** Whether the other convolution pads, and cuts off nothing. */
  private static boolean covers(long kernel, long before, long after) {
    return kernel > before && kernel > after && after >= 0;
  }

  /**
   * Emits it.
   *
   * @return the gradient of the input
   */
  static Tensor emit(
      Emitter e, Value input, Window window, Parameter weights, Tensor gradient, long flops) {
    var dnn = e.oneDnn();
    var mirrored = mirrored(e, weights);
    var convolution = new Convolution(other(window));
    var forward =
        convolution.forward(
            dnn,
            false,
            dnn.any(e.factors(), gradient.layout().shape()),
            dnn.any(e.factors(), mirrored.layout().shape()),
            Optional.empty(),
            dnn.any(e.factors(), input.shape()),
            List.of());
    var result = e.create(forward.layout(Argument.DST));
    e.call(
        "gradient of input by the mirrored kernel",
        forward,
        Map.of(
            Argument.SRC,
            e.in(forward.layout(Argument.SRC), gradient),
            Argument.WEIGHTS,
            e.in(forward.layout(Argument.WEIGHTS), mirrored),
            Argument.DST,
            result),
        flops);
    return result;
  }

  private static Window other(Window window) {
    return new Window(
        window.kernel(),
        window.stride(),
        window.dilation(),
        rest(window.kernel(), window.before()),
        rest(window.kernel(), window.after()));
  }

  private static Pair rest(Pair kernel, Pair padding) {
    return new Pair(kernel.height() - 1 - padding.height(), kernel.width() - 1 - padding.width());
  }

  /** From [out, in, h, w] to [in, out, h, w], both sides turned around. */
  private static Tensor mirrored(Emitter e, Parameter weights) {
    var shape = weights.shape();
    var plain = e.parameter(weights, e.oneDnn().plain(ElementType.F32, shape));
    var result =
        e.create(e.oneDnn().plain(ElementType.F32, shape[1], shape[0], shape[2], shape[3]));
    var from = e.view(plain);
    var to = e.view(result);
    e.run("mirror", () -> mirror(from, to, shape), plain, result);
    return result;
  }

  private static void mirror(View from, View to, long... shape) {
    long window = shape[2] * shape[3];
    for (long out = 0; out < shape[0]; out++) {
      for (long in = 0; in < shape[1]; in++) {
        for (long cell = 0; cell < window; cell++) {
          to.set(
              (in * shape[0] + out) * window + window - 1 - cell,
              from.get((out * shape[1] + in) * window + cell));
        }
      }
    }
  }
}
