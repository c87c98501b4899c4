package org.murmuration.worker.accel.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Layout;
import org.murmuration.worker.accel.onednn.Memory;
import org.murmuration.worker.accel.onednn.OneDnn;
import org.murmuration.worker.accel.onednn.Primitive;

/** Writes down the steps of a plan, who uses which memory when, and where primitives find it. */
final class Recorder {

  /** Where a primitive finds a tensor. */
  record Binding(Memory memory, Tensor tensor) {}

  private final OneDnn oneDnn;
  private final Regions regions;
  private final List<Step> steps = new ArrayList<>();
  private final List<Storage> planned = new ArrayList<>();
  private final Map<Tensor, Memory> memories = new HashMap<>();
  private String layer = "";

  Recorder(OneDnn oneDnn, Regions regions) {
    this.oneDnn = oneDnn;
    this.regions = regions;
  }

  Regions regions() {
    return regions;
  }

  /** Whose steps follow. */
  void enter(String newLayer) {
    layer = newLayer;
  }

  Tensor create(Layout layout) {
    var storage = Storage.planned(regions.arena(), layout.bytes());
    planned.add(storage);
    return new Tensor(layout, storage);
  }

  Tensor external(Region region, Layout layout, long offset) {
    return new Tensor(layout, Storage.external(region, layout.bytes(), offset));
  }

  void call(String what, Primitive primitive, Map<Argument, Tensor> arguments, long flops) {
    var bound = new HashMap<Argument, Memory>();
    long bytes = 0;
    for (Entry<Argument, Tensor> argument : arguments.entrySet()) {
      bound.put(argument.getKey(), memory(argument.getValue()));
      bytes += argument.getKey().equals(Argument.SCRATCHPAD) ? 0 : bytes(argument.getValue());
    }
    use(arguments.values());
    var call = oneDnn.call(primitive, bound);
    steps.add(
        new Step(
            layer, "%s [%s]".formatted(what, primitive.implementation()), call::run, bytes, flops));
  }

  void run(String what, Runnable body, Tensor... touched) {
    use(List.of(touched));
    steps.add(new Step(layer, what, body, 0, 0));
  }

  /** Something must be as it is now after the last step. */
  void keep(Tensor tensor) {
    tensor.storage().usedAt(Integer.MAX_VALUE - 1);
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** What must be placed in the arena. */
  List<Storage> planned() {
    return planned;
  }

  List<Binding> bindings() {
    return memories.entrySet().stream()
        .map(entry -> new Binding(entry.getValue(), entry.getKey()))
        .toList();
  }

  private Memory memory(Tensor tensor) {
    return memories.computeIfAbsent(tensor, key -> oneDnn.memory(key.layout()));
  }

  private void use(Iterable<Tensor> tensors) {
    tensors.forEach(tensor -> tensor.storage().usedAt(steps.size()));
  }

  private static long bytes(Tensor tensor) {
    return tensor.layout().bytes();
  }
}
