package org.murmuration.worker.accel.plan;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The memory of a plan.
 *
 * @param arena what it works in
 * @param parameters the network's flat vector
 * @param gradient the flat vector of its gradients
 * @param features the batch's inputs
 * @param labels the batch's labels, one for each output of the network
 */
public record Regions(
    Region arena, Region parameters, Region gradient, List<Region> features, List<Region> labels) {

  static Regions of(int inputs, int outputs) {
    return new Regions(
        new Region("arena"),
        new Region("vector of parameters"),
        new Region("vector of gradients"),
        named("input", inputs),
        named("labels of output", outputs));
  }

  private static List<Region> named(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Region(name + " " + i)).toList();
  }
}
