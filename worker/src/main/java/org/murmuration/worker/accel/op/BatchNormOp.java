package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.BatchNorm;
import org.murmuration.worker.accel.onednn.BatchNorm.Mode;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.onednn.Primitive;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Batch normalisation (Ioffe and Szegedy 2015), with a ReLU after it if wanted. */
public final class BatchNormOp extends Node implements Fusable {

  /**
   * What one normalisation has of its own.
   *
   * @param scale and shift: learned, or constant
   * @param running the running mean and variance
   * @param epsilon what is added to the variance
   * @param frozen whether it normalises with the running statistics even in training
   */
  public record Settings(
      Affine scale, Affine shift, RunningStatistics running, double epsilon, boolean frozen) {}

  private final Settings settings;
  private final boolean relu;

  public BatchNormOp(String layer, Value input, Value output, Settings settings) {
    this(layer, input, output, settings, false);
  }

  private BatchNormOp(String layer, Value input, Value output, Settings settings, boolean relu) {
    super(layer, List.of(input), output);
    this.settings = settings;
    this.relu = relu;
  }

  @Override
  public Optional<Fusable> withActivation(Eltwise function, Value newOutput) {
    return relu || settings.frozen() || !function.equals(Eltwise.relu(0))
        ? Optional.empty()
        : Optional.of(new BatchNormOp(layer(), input(), newOutput, settings, true));
  }

  @Override
  public List<Parameter> parameters() {
    return settings.frozen()
        ? List.of()
        : Stream.of(
                settings.scale().learned().stream(),
                settings.shift().learned().stream(),
                settings.running().parameters().stream())
            .flatMap(s -> s)
            .toList();
  }

  @Override
  public boolean stopsGradient() {
    return settings.frozen();
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    var batchStatistics = e.training() && !settings.frozen();
    var mode =
        batchStatistics
            ? (relu ? Mode.TRAINING_RELU : Mode.TRAINING)
            : (relu ? Mode.INFERENCE_RELU : Mode.INFERENCE);
    var forward = BatchNorm.forward(e.oneDnn(), mode, in.layout(), in.layout(), settings.epsilon());
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.SRC, in);
    arguments.put(Argument.SCALE, settings.scale().tensor(e));
    arguments.put(Argument.SHIFT, settings.shift().tensor(e));
    var perChannel = e.oneDnn().plain(ElementType.F32, input().size(1));
    arguments.put(
        Argument.MEAN, batchStatistics ? e.create(perChannel) : settings.running().mean(e));
    arguments.put(
        Argument.VARIANCE, batchStatistics ? e.create(perChannel) : settings.running().variance(e));
    if (mode == Mode.TRAINING_RELU) {
      arguments.put(Argument.WORKSPACE, e.create(forward.layout(Argument.WORKSPACE)));
    }
    arguments.put(Argument.DST, e.create(output(), in.layout()));
    e.call("batch normalisation", forward, arguments);
    return () -> backward(e, mode, forward, arguments);
  }

  private void backward(Emitter e, Mode mode, Primitive forward, Map<Argument, Tensor> computed) {
    var layout = computed.get(Argument.SRC).layout();
    var backward =
        BatchNorm.backward(e.oneDnn(), mode, layout, layout, layout, settings.epsilon(), forward);
    var arguments = new LinkedHashMap<>(computed);
    arguments.remove(Argument.DST);
    arguments.remove(Argument.SHIFT);
    arguments.put(Argument.DIFF_DST, e.gradient(output(), layout));
    arguments.put(Argument.DIFF_SCALE, settings.scale().gradient(e));
    arguments.put(Argument.DIFF_SHIFT, settings.shift().gradient(e));
    var difference = e.create(layout);
    arguments.put(Argument.DIFF_SRC, difference);
    e.call("batch normalisation's gradient", backward, arguments);
    e.contribute(input(), difference);
    settings.running().update(e, computed.get(Argument.MEAN), computed.get(Argument.VARIANCE));
  }
}
