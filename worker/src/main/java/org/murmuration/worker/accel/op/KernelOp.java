package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;
import org.nd4j.linalg.factory.Nd4j;

/** What a kernel makes of images, one after the other. */
public final class KernelOp extends Node {
  private final ImageKernel kernel;
  private final Optional<Parameter> parameters;
  private final boolean frozen;
  private final float[] weights;
  private final float[][] drawn;
  private final float[] x;
  private final float[] y;
  private final float[] dx;

  /**
   * @param parameters of the kernel, in a row, if it has any
   * @param frozen whether they don't learn
   */
  public KernelOp(
      String layer,
      Value input,
      Value output,
      ImageKernel kernel,
      Optional<Parameter> parameters,
      boolean frozen) {
    super(layer, List.of(input), output);
    this.kernel = kernel;
    this.parameters = parameters;
    this.frozen = frozen;
    int images = Math.toIntExact(input.size(0));
    this.weights = new float[parameters.map(p -> Math.toIntExact(p.length())).orElse(0)];
    this.drawn = new float[images][kernel.draws()];
    this.x = new float[Math.toIntExact(input.length() / images)];
    this.y = new float[kernel.output().length()];
    this.dx = new float[x.length];
  }

  @Override
  public List<Parameter> parameters() {
    return frozen ? List.of() : parameters.stream().toList();
  }

  /** Numbers for each image from the generator that all randomness of a step comes from. */
  public static void draw(float[]... drawn) {
    if (drawn[0].length == 0) {
      return;
    }
    var random = new SplittableRandom(Nd4j.getRandom().nextLong());
    for (var ofImage : drawn) {
      for (int i = 0; i < ofImage.length; i++) {
        ofImage[i] = (float) random.nextDouble(-1, 1);
      }
    }
  }

  /** Computed again, the numbers are those that were drawn before. */
  @Override
  public Runnable emit(Emitter e) {
    var source = e.tensor(input(), e.plain(input()));
    var out = e.create(output(), e.plain(output()));
    var from = e.view(source);
    var to = e.view(out);
    var own = parameters.map(p -> e.view(e.parameter(p)));
    if (!e.repeats()) {
      e.run("draw", () -> draw(drawn));
    }
    e.run("kernel", () -> forward(own, from, to), source, out);
    return () -> backward(e, own, source);
  }

  private void backward(Emitter e, Optional<View> own, Tensor source) {
    var gradient = e.gradient(output(), e.plain(output()));
    var before = e.view(gradient);
    var from = e.view(source);
    for (var parameter : parameters()) {
      var learned = e.view(e.parameterGradient(parameter));
      e.run("gradient of weights", () -> learn(own, from, before, learned), source, gradient);
    }
    if (e.wantsGradient(input())) {
      var part = e.create(e.plain(input()));
      var after = e.view(part);
      e.run("gradient of input", () -> backward(own, from, before, after), source, gradient, part);
      e.contribute(input(), part);
    }
  }

  private void forward(Optional<View> own, View from, View to) {
    read(own);
    for (int i = 0; i < drawn.length; i++) {
      from.read((long) i * x.length, x, x.length);
      kernel.forward(weights, drawn[i], x, y);
      to.write((long) i * y.length, y, y.length);
    }
  }

  private void backward(Optional<View> own, View from, View gradient, View to) {
    eachGradient(
        own,
        from,
        gradient,
        i -> {
          kernel.backward(weights, drawn[i], x, y, dx);
          to.write((long) i * x.length, dx, x.length);
        });
  }

  private void learn(Optional<View> own, View from, View gradient, View learned) {
    var sums = new double[weights.length];
    eachGradient(own, from, gradient, i -> kernel.learn(weights, drawn[i], x, y, sums));
    for (int i = 0; i < sums.length; i++) {
      learned.set(i, (float) sums[i]);
    }
  }

  /** With an image in x, and in y the gradient of what became of it. */
  private void eachGradient(Optional<View> own, View from, View gradient, IntConsumer use) {
    read(own);
    for (int i = 0; i < drawn.length; i++) {
      from.read((long) i * x.length, x, x.length);
      gradient.read((long) i * y.length, y, y.length);
      use.accept(i);
    }
  }

  private void read(Optional<View> own) {
    own.ifPresent(view -> view.read(0, weights, weights.length));
  }
}
