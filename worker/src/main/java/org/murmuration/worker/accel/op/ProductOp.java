package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Convolution;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.onednn.Layout;
import org.murmuration.worker.accel.onednn.Primitive;
import org.murmuration.worker.accel.onednn.Product;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Convolution, transposed convolution or dense layer, with its activation. */
public final class ProductOp extends Node implements Fusable {
  private final Product product;
  private final Parameter weights;
  private final Optional<Parameter> bias;
  private final FusedActivation activation;
  private final boolean frozen;

  /**
   * @param frozen whether weights and bias don't learn
   */
  public ProductOp(
      String layer,
      Value input,
      Value output,
      Product product,
      Parameter weights,
      Optional<Parameter> bias,
      boolean frozen) {
    this(layer, input, output, product, weights, bias, frozen, FusedActivation.none());
  }

  private ProductOp(
      String layer,
      Value input,
      Value output,
      Product product,
      Parameter weights,
      Optional<Parameter> bias,
      boolean frozen,
      FusedActivation activation) {
    super(layer, List.of(input), output);
    this.product = product;
    this.weights = weights;
    this.bias = bias;
    this.frozen = frozen;
    this.activation = activation;
  }

  @Override
  public Optional<Fusable> withActivation(Eltwise function, Value newOutput) {
    if (activation.isPresent() || !function.derivedFromOutput()) {
      return Optional.empty();
    }
    var fused = new FusedActivation(Optional.of(function));
    return Optional.of(
        new ProductOp(layer(), input(), newOutput, product, weights, bias, frozen, fused));
  }

  @Override
  public List<Parameter> parameters() {
    return frozen ? List.of() : Stream.concat(bias.stream(), Stream.of(weights)).toList();
  }

  @Override
  public Runnable emit(Emitter e) {
    var dnn = e.oneDnn();
    var forward =
        product.forward(
            dnn,
            e.training(),
            dnn.any(e.factors(), input().shape()),
            dnn.any(e.factors(), weights.shape()),
            biasLayout(e),
            dnn.any(e.type(output()), output().shape()),
            activation.postOps());
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.SRC, e.tensor(input(), forward.layout(Argument.SRC)));
    arguments.put(Argument.WEIGHTS, e.parameter(weights, forward.layout(Argument.WEIGHTS)));
    bias.ifPresent(b -> arguments.put(Argument.BIAS, e.parameter(b)));
    arguments.put(Argument.DST, e.create(output(), forward.layout(Argument.DST)));
    e.call("product", forward, arguments, flops());
    return () -> backward(e, forward);
  }

  private void backward(Emitter e, Primitive forward) {
    var out = e.tensor(output());
    var gradient = activation.backward(e, e.gradient(output()), out);
    if (!frozen) {
      backwardWeights(e, forward, gradient);
    }
    if (e.wantsGradient(input())) {
      backwardData(e, forward, gradient);
    }
  }

  private void backwardWeights(Emitter e, Primitive forward, Tensor gradient) {
    if (product instanceof Convolution convolution
        && WeightsByTaps.serves(e, convolution.window(), input(), output(), weights, bias)) {
      WeightsByTaps.emit(e, input(), output(), convolution.window(), weights, gradient);
      return;
    }
    var dnn = e.oneDnn();
    var backward =
        product.backwardWeights(
            dnn,
            dnn.any(e.factors(), input().shape()),
            dnn.any(ElementType.F32, weights.shape()),
            biasLayout(e),
            dnn.any(e.factors(), output().shape()),
            forward);
    var difference = e.create(backward.layout(Argument.DIFF_WEIGHTS));
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.SRC, e.tensor(input(), backward.layout(Argument.SRC)));
    arguments.put(Argument.DIFF_DST, e.in(backward.layout(Argument.DIFF_DST), gradient));
    arguments.put(Argument.DIFF_WEIGHTS, difference);
    bias.ifPresent(b -> arguments.put(Argument.DIFF_BIAS, e.parameterGradient(b)));
    e.call("gradient of weights", backward, arguments, flops());
    e.store(weights, difference);
  }

  private void backwardData(Emitter e, Primitive forward, Tensor gradient) {
    if (product instanceof Convolution convolution
        && MirroredKernel.serves(convolution.window(), input(), weights)) {
      e.contribute(
          input(),
          MirroredKernel.emit(e, input(), convolution.window(), weights, gradient, flops()));
      return;
    }
    var dnn = e.oneDnn();
    var backward =
        product.backwardData(
            dnn,
            dnn.any(e.factors(), input().shape()),
            dnn.any(e.factors(), weights.shape()),
            dnn.any(e.factors(), output().shape()),
            forward);
    var difference = e.create(backward.layout(Argument.DIFF_SRC));
    e.call(
        "gradient of input",
        backward,
        Map.of(
            Argument.DIFF_DST,
            e.in(backward.layout(Argument.DIFF_DST), gradient),
            Argument.WEIGHTS,
            e.parameter(weights, backward.layout(Argument.WEIGHTS)),
            Argument.DIFF_SRC,
            difference),
        flops());
    e.contribute(input(), difference);
  }

  private long flops() {
    return product.flops(input().shape(), weights.shape(), output().shape());
  }

  private Optional<Layout> biasLayout(Emitter e) {
    return bias.map(b -> e.parameter(b).layout());
  }
}
