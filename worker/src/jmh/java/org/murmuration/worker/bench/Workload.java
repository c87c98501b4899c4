package org.murmuration.worker.bench;

import java.util.List;
import java.util.Optional;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkSpec;

/**
 * A network to be trained.
 *
 * @param name what the table calls it
 * @param input the size of its images
 * @param zoo the network of the zoo, or empty when {@code layers} says it
 * @param layers the layers before the output layer, empty when {@code zoo} is given
 * @param updated whether the optimizer's update is timed too
 */
record Workload(
    String name, InputShape input, Optional<String> zoo, List<LayerSpec> layers, boolean updated) {

  /** The classes that the output layer tells apart. */
  static final int CLASSES = 10;

  /** The network as the zoo has it, trained on images of 3x32x32. */
  static Workload network(String zoo) {
    return new Workload(zoo, new InputShape(3, 32, 32), Optional.of(zoo), List.of(), true);
  }

  /** A network made of these layers, of which forward and backward are timed. */
  static Workload layers(String name, InputShape input, LayerSpec... layers) {
    return new Workload(name, input, Optional.empty(), List.of(layers), false);
  }

  /** The network as its builder wants it. */
  NetworkSpec specification() {
    return new NetworkSpec(List.of(), zoo, layers, CLASSES, NetworkSpec.Init.PYTORCH);
  }
}
