package org.murmuration.worker.accel.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.Layout;
import org.murmuration.worker.accel.onednn.OneDnn;
import org.murmuration.worker.accel.onednn.Primitive;

/**
 * What operations emit their steps through. A value lies in the layout in which its producer made
 * it; who needs another gets a copy, made once.
 */
public final class Emitter {

  /** A copy of a tensor in a layout. */
  private record Copy(Storage of, Layout layout) {}

  private final OneDnn oneDnn;
  private final ElementType activations;
  private final boolean training;
  private final boolean weighted;
  private final List<long[]> labelShapes;
  private final Recorder recorder;
  private final Vectors vectors;
  private final Map<Value, Tensor> values = new HashMap<>();
  private final Map<Value, List<Tensor>> gradients = new HashMap<>();
  private final Map<Copy, Tensor> copies = new HashMap<>();
  private final Set<Value> wanted = new HashSet<>();
  private final List<DoubleSupplier> losses = new ArrayList<>();
  private final List<SampleLosses> sampleLosses = new ArrayList<>();
  private boolean repeats;

  Emitter(
      OneDnn oneDnn,
      Precision precision,
      boolean training,
      boolean weighted,
      List<long[]> labelShapes,
      Recorder recorder) {
    this.oneDnn = oneDnn;
    this.weighted = weighted;
    this.labelShapes = labelShapes;
    this.activations = activations(precision);
    this.training = training;
    this.recorder = recorder;
    this.vectors = new Vectors(oneDnn, recorder);
  }

  private static ElementType activations(Precision precision) {
    return switch (precision) {
      case FP32 -> ElementType.F32;
      case BF16 -> ElementType.BF16;
    };
  }

  /** Makes layouts and primitives. */
  public OneDnn oneDnn() {
    return oneDnn;
  }

  /** Whether there will be a backward pass. */
  public boolean training() {
    return training;
  }

  /** Whether what is emitted has been emitted before, and is to compute the same. */
  public boolean repeats() {
    return repeats;
  }

  /**
   * Operations that have been emitted follow once more. Copies of what they read are made anew, so
   * that none has to be kept for them; those of parameters are small and stay.
   */
  void repeat() {
    repeats = true;
    var parameters = recorder.regions().parameters();
    copies.keySet().removeIf(copy -> copy.of.region() != parameters);
  }

  /** What the numbers of a value should be. */
  public ElementType type(Value value) {
    return value.exact() ? ElementType.F32 : activations;
  }

  /** What convolutions and products multiply. */
  public ElementType factors() {
    return activations;
  }

  /** The plain layout of a value in single precision. */
  public Layout plain(Value value) {
    return oneDnn.plain(ElementType.F32, value.shape());
  }

  /** The value as its producer made it; bytes become numbers of the plan's precision. */
  public Tensor tensor(Value value) {
    var tensor = raw(value);
    return tensor.layout().type() == ElementType.U8
        ? in(oneDnn.plain(type(value), value.shape()), tensor)
        : tensor;
  }

  /** The value in numbers of this type, in a layout that may be anything. */
  public Tensor floats(Value value, ElementType type) {
    var tensor = tensor(value);
    return tensor.layout().type() == type ? tensor : in(oneDnn.plain(type, value.shape()), tensor);
  }

  /** The value as it came, even if that is bytes. */
  public Tensor raw(Value value) {
    var tensor = values.get(value);
    if (tensor == null) {
      throw new IllegalStateException(value + " is read before it is computed");
    }
    return tensor;
  }

  /** The value in this layout. */
  public Tensor tensor(Value value, Layout layout) {
    return in(layout, tensor(value));
  }

  /** Says where the value is. */
  public void define(Value value, Tensor tensor) {
    values.put(value, tensor);
  }

  /** New memory. */
  public Tensor create(Layout layout) {
    return recorder.create(layout);
  }

  /** New memory for a value, which is there from now on. */
  public Tensor create(Value value, Layout layout) {
    var tensor = create(layout);
    define(value, tensor);
    return tensor;
  }

  /**
   * The labels of one of the network's outputs, plain fp32.
   *
   * @throws IllegalArgumentException when the batch has none
   */
  public Tensor labels(int output) {
    if (output >= labelShapes.size()) {
      throw new IllegalArgumentException(
          "output %d of the network has no labels, the batch has those of %d outputs"
              .formatted(output, labelShapes.size()));
    }
    var shape = labelShapes.get(output);
    return recorder.external(
        recorder.regions().labels().get(output), oneDnn.plain(ElementType.F32, shape), 0);
  }

  /** How much each sample weighs in the loss, plain [n, 1], if the batch says so. */
  public Optional<Tensor> sampleWeights() {
    return weighted ? Optional.of(labels(labelShapes.size() - 1)) : Optional.empty();
  }

  /** Says where the losses of samples will be found when the plan has run. */
  public void tellSamples(SampleLosses losses) {
    sampleLosses.add(losses);
  }

  /** Adds a part of the batch's loss, known when the plan has run. */
  public void addLoss(DoubleSupplier part) {
    losses.add(part);
  }

  /** A parameter in this layout; copied if the vector has it in another. */
  public Tensor parameter(Parameter parameter, Layout layout) {
    return in(layout, vectors.parameter(parameter));
  }

  /** A parameter where it is. */
  public Tensor parameter(Parameter parameter) {
    return vectors.parameter(parameter);
  }

  /** The place of a parameter's gradient in the flat vector. */
  public Tensor parameterGradient(Parameter parameter) {
    return vectors.gradient(parameter);
  }

  /** Copies a parameter's gradient to its place in the flat vector. */
  public void store(Parameter parameter, Tensor gradient) {
    copy(gradient, vectors.gradient(parameter));
  }

  /** Whether anybody wants to know the gradient of a value. */
  public boolean wantsGradient(Value value) {
    return wanted.contains(value);
  }

  /** Adds a part of the gradient of a value: one for each operation that reads it. */
  public void contribute(Value value, Tensor part) {
    if (wantsGradient(value)) {
      gradients.computeIfAbsent(value, key -> new ArrayList<>()).add(part);
    }
  }

  /** Adds parts that others are part of, too. */
  public void contributeShared(Value value, Tensor part) {
    part.storage().share();
    contribute(value, part);
  }

  /** The gradient of a value that all its readers have contributed to, in any layout. */
  public Tensor gradient(Value value) {
    var parts = gradients.getOrDefault(value, List.of());
    if (parts.isEmpty()) {
      throw new IllegalStateException("nobody contributes to the gradient of " + value);
    }
    return parts.size() == 1 ? parts.get(0) : sum(parts);
  }

  /** The gradient in this layout. */
  public Tensor gradient(Value value, Layout layout) {
    return in(layout, gradient(value));
  }

  /** Of all samples; unknown unless the only loss tells. */
  SampleLosses sampleLosses() {
    return losses.size() == 1 && sampleLosses.size() == 1
        ? sampleLosses.get(0)
        : SampleLosses.UNKNOWN;
  }

  List<DoubleSupplier> losses() {
    return losses;
  }

  boolean hasGradient(Value value) {
    return gradients.containsKey(value);
  }

  void want(Value value) {
    wanted.add(value);
  }

  /** The tensor itself to be written over, or a new one of its layout if others read it, too. */
  public Tensor over(Tensor tensor) {
    if (tensor.storage().shared()) {
      return create(tensor.layout());
    }
    copies
        .entrySet()
        .removeIf(
            copy ->
                copy.getKey().of == tensor.storage()
                    || copy.getValue().storage() == tensor.storage());
    return tensor;
  }

  /** The tensor in this layout. */
  public Tensor in(Layout layout, Tensor tensor) {
    if (tensor.layout().equals(layout)) {
      return tensor;
    }
    return copies.computeIfAbsent(
        new Copy(tensor.storage(), layout),
        key -> {
          var result = create(layout);
          copy(tensor, result);
          if (tensor.storage().shared()) {
            result.storage().share();
          }
          return result;
        });
  }

  /** Copies into another layout or type. */
  public void copy(Tensor from, Tensor to) {
    var reorder = Elementwise.reorder(oneDnn, from.layout(), to.layout());
    call("copy", reorder, Map.of(Argument.SRC, from, Argument.DST, to));
  }

  /** Calls a primitive, with memory to work in if it needs some. */
  public void call(String what, Primitive primitive, Map<Argument, Tensor> arguments) {
    call(what, primitive, arguments, 0);
  }

  /**
   * The same, for profiles.
   *
   * @param flops how many additions and multiplications it takes
   */
  public void call(String what, Primitive primitive, Map<Argument, Tensor> arguments, long flops) {
    var all = new LinkedHashMap<>(arguments);
    var scratchpad = primitive.scratchpad();
    if (scratchpad.bytes() > 0) {
      all.put(Argument.SCRATCHPAD, create(scratchpad));
    }
    recorder.call(what, primitive, all, flops);
  }

  /** Does something in Java. */
  public void run(String what, Runnable body, Tensor... touched) {
    recorder.run(what, body, touched);
  }

  /** Fills memory with zeros. */
  public void zero(Tensor tensor) {
    var storage = tensor.storage();
    var buffer = new UnsafeBuffer(0, 0);
    run(
        "zero",
        () -> {
          buffer.wrap(storage.address(), Math.toIntExact(storage.bytes()));
          buffer.setMemory(0, buffer.capacity(), (byte) 0);
        },
        tensor);
  }

  /** How Java sees a plain tensor. */
  public View view(Tensor tensor) {
    return new View(tensor, tensor.layout().shape());
  }

  /** Two at a time: oneDNN adds pairs with vectors, and longer lists without. */
  private Tensor sum(List<Tensor> parts) {
    var result = parts.get(0);
    for (var part : parts.subList(1, parts.size())) {
      result = add(result, part);
    }
    return result;
  }

  private Tensor add(Tensor first, Tensor second) {
    var layout = first.layout();
    var aligned = in(layout, second);
    var result = over(first);
    call(
        "sum",
        Elementwise.binary(oneDnn, Binary.ADD, layout, layout, layout, List.of()),
        Map.of(Argument.SRC, first, Argument.SRC_1, aligned, Argument.DST, result));
    return result;
  }
}
