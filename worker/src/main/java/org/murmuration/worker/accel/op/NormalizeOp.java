package org.murmuration.worker.accel.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.PostOp;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** (x - mean) / deviation by channel, one or several times over. */
public final class NormalizeOp extends Node {

  /** One constant for each channel, and what it does. */
  private static final class Stage {
    private final Binary function;
    private final float[] values;

    Stage(Binary function, float... values) {
      this.function = function;
      this.values = values.clone();
    }
  }

  private final List<Stage> stages;

  /**
   * @param mean what is subtracted from each channel
   * @param deviation what each channel is divided by
   */
  public NormalizeOp(String layer, Value input, Value output, float[] mean, float[] deviation) {
    this(
        layer,
        input,
        output,
        List.of(new Stage(Binary.SUBTRACT, mean), new Stage(Binary.DIVIDE, deviation)));
  }

  private NormalizeOp(String layer, Value input, Value output, List<Stage> stages) {
    super(layer, List.of(input), output);
    this.stages = List.copyOf(stages);
  }

  /** This and another after it in one pass, with the same rounding. */
  public NormalizeOp andThen(NormalizeOp next) {
    return new NormalizeOp(
        next.layer(),
        input(),
        next.output(),
        Stream.concat(stages.stream(), next.stages.stream()).toList());
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    var plain = e.oneDnn().plain(e.type(output()), output().shape());
    apply(e, "normalise", stages, in, e.create(output(), plain));
    return () -> {
      var gradient = e.gradient(output());
      var difference = e.create(gradient.layout());
      var divisions = stages.stream().filter(s -> s.function == Binary.DIVIDE).toList();
      apply(e, "normalise's gradient", divisions, gradient, difference);
      e.contribute(input(), difference);
    };
  }

  private static void apply(Emitter e, String what, List<Stage> stages, Tensor in, Tensor out) {
    var arguments = new LinkedHashMap<Argument, Tensor>();
    List<PostOp> postOps = new ArrayList<>();
    var first = constants(e, stages.get(0));
    arguments.put(Argument.SRC, in);
    arguments.put(Argument.SRC_1, first);
    for (var stage : stages.subList(1, stages.size())) {
      var operand = constants(e, stage);
      arguments.put(Argument.postOperand(postOps.size()), operand);
      postOps.add(PostOp.of(stage.function, operand.layout()));
    }
    arguments.put(Argument.DST, out);
    e.call(
        what,
        Elementwise.binary(
            e.oneDnn(), stages.get(0).function, in.layout(), first.layout(), out.layout(), postOps),
        arguments);
  }

  private static Tensor constants(Emitter e, Stage stage) {
    return Constants.perChannel(e, stage.values, 1, stage.values.length, 1, 1);
  }
}
