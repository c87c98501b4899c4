package org.murmuration.worker.accel.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.OneDnn;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network compiled for batches of one shape: a list of steps over memory that was laid out once.
 * For one thread at a time.
 */
public final class Plan implements AutoCloseable {

  private final OneDnn oneDnn = new OneDnn();
  private final Regions regions;
  private final Arena arena;
  private final long arenaBytes;
  private final List<Step> steps;
  private final Bindings bindings;
  private final List<DoubleSupplier> losses;
  private final SampleLosses sampleLosses;
  private final List<View> outputs;
  private GradientListener listener = GradientListener.NONE;

  /**
   * @param inputTypes what the numbers of each input are in memory
   * @param labelShapes of the network's outputs; empty without training
   * @param weighted whether the last of them are no labels, but the weights of samples, [n, 1]
   * @param segments in how many parts activations are computed again for the backward pass; 1 keeps
   *     all of them, 0 takes the root of the depth
   * @param arena shared with the other plans of this thread
   * @throws org.murmuration.worker.accel.onednn.OneDnnException when oneDNN can't do it
   */
  public Plan(
      Program program,
      List<ElementType> inputTypes,
      List<long[]> labelShapes,
      boolean weighted,
      Precision precision,
      boolean training,
      int segments,
      Arena arena) {
    this.arena = arena;
    this.regions = Regions.of(inputTypes.size(), labelShapes.size());
    var recorder = new Recorder(oneDnn, regions);
    var emitter = new Emitter(oneDnn, precision, training, weighted, labelShapes, recorder);
    for (int i = 0; i < inputTypes.size(); i++) {
      var value = program.inputs().get(i);
      var layout = oneDnn.plain(inputTypes.get(i), value.shape());
      emitter.define(value, recorder.external(regions.features().get(i), layout, 0));
    }
    var operations = program.operations();
    var backward = forward(operations, emitter, recorder);
    this.outputs = training ? List.of() : keepOutputs(program, emitter, recorder);
    if (training) {
      recorder.enter("frozen");
      zero(program.frozen(), emitter);
      announce(program.frozen(), recorder);
      backward(operations, Checkpointing.ends(operations, segments), backward, emitter, recorder);
    }
    this.losses = List.copyOf(emitter.losses());
    this.sampleLosses = emitter.sampleLosses();
    this.steps = recorder.steps();
    this.arenaBytes = MemoryPlan.place(recorder.planned());
    this.bindings = new Bindings(recorder.bindings());
  }

  /**
   * Computes.
   *
   * @param batch plain arrays of the plan's shapes
   * @return the sum of the samples' losses, without regularisation
   */
  public double run(Batch batch, GradientListener gradientListener) {
    move(batch);
    listener = gradientListener;
    for (var step : steps) {
      step.body().run();
    }
    return losses.stream().mapToDouble(DoubleSupplier::getAsDouble).sum();
  }

  /** The memory that a run works in, parameters, gradients and the batch aside. */
  public long bytes() {
    return arenaBytes;
  }

  /** What the last run found out about each sample; changed by the next. */
  public SampleLosses sampleLosses() {
    return sampleLosses;
  }

  /** Computes and says what each step took. */
  public List<StepTime> profile(Batch batch) {
    move(batch);
    listener = GradientListener.NONE;
    List<StepTime> times = new ArrayList<>();
    for (var step : steps) {
      var start = System.nanoTime();
      step.body().run();
      var nanos = System.nanoTime() - start;
      times.add(new StepTime(step.layer(), step.what(), nanos, step.bytes(), step.flops()));
    }
    return times;
  }

  /** Copies of the outputs of the last run. */
  public INDArray[] outputs() {
    return outputs.stream().map(view -> view.array().dup()).toArray(INDArray[]::new);
  }

  @Override
  public void close() {
    oneDnn.close();
  }

  private void move(Batch batch) {
    regions.arena().moveTo(arena.address(arenaBytes));
    regions.parameters().moveTo(batch.parameters());
    regions.gradient().moveTo(batch.gradient());
    move(regions.features(), batch.features());
    move(regions.labels(), batch.labels());
    bindings.follow();
  }

  private static void move(List<Region> regions, List<Long> addresses) {
    for (int i = 0; i < regions.size(); i++) {
      regions.get(i).moveTo(addresses.get(i));
    }
  }

  private static List<Runnable> forward(
      List<Operation> operations, Emitter emitter, Recorder recorder) {
    List<Runnable> backward = new ArrayList<>();
    for (var operation : operations) {
      recorder.enter(operation.layer());
      backward.add(operation.emit(emitter));
      if (!operation.stopsGradient() && learns(operation, emitter)) {
        emitter.want(operation.output());
      }
    }
    return backward;
  }

  private static boolean learns(Operation operation, Emitter emitter) {
    return !operation.parameters().isEmpty()
        || operation.inputs().stream().anyMatch(emitter::wantsGradient);
  }

  private List<View> keepOutputs(Program program, Emitter emitter, Recorder recorder) {
    List<View> views = new ArrayList<>();
    for (var value : program.outputs()) {
      var tensor = emitter.tensor(value, emitter.plain(value));
      recorder.keep(tensor);
      views.add(emitter.view(tensor));
    }
    return views;
  }

  /** The last segment has only just been computed, so it is there. */
  private void backward(
      List<Operation> operations,
      List<Integer> ends,
      List<Runnable> backward,
      Emitter emitter,
      Recorder recorder) {
    for (int k = ends.size() - 1; k >= 0; k--) {
      int from = k == 0 ? 0 : ends.get(k - 1);
      int to = ends.get(k);
      if (k < ends.size() - 1) {
        repeat(operations.subList(from, to), backward.subList(from, to), emitter, recorder);
      }
      for (int i = to - 1; i >= from; i--) {
        backward(operations.get(i), backward.get(i), emitter, recorder);
      }
    }
  }

  private static void repeat(
      List<Operation> segment, List<Runnable> backward, Emitter emitter, Recorder recorder) {
    emitter.repeat();
    for (int i = 0; i < segment.size(); i++) {
      if (segment.get(i).repeatable()) {
        recorder.enter(segment.get(i).layer());
        backward.set(i, segment.get(i).emit(emitter));
      }
    }
  }

  private void backward(
      Operation operation, Runnable backward, Emitter emitter, Recorder recorder) {
    recorder.enter(operation.layer());
    if (operation.isLoss() || emitter.hasGradient(operation.output())) {
      backward.run();
    } else {
      zero(operation.parameters(), emitter);
    }
    announce(operation.parameters(), recorder);
  }

  private static void zero(List<Parameter> parameters, Emitter emitter) {
    for (var parameter : parameters) {
      emitter.zero(
          emitter.parameterGradient(Parameter.plain(parameter.offset(), parameter.length())));
    }
  }

  private void announce(List<Parameter> parameters, Recorder recorder) {
    for (var parameter : parameters) {
      recorder.run("ready", () -> listener.ready(parameter.offset(), parameter.length()));
    }
  }
}
