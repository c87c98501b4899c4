package org.murmuration.worker.model;

/**
 * Where a layer stands, for messages to the user.
 *
 * @param name its name in the graph, such as {@code conv2}
 * @param place where the user wrote it, such as {@code layers[3]}
 * @param input what reaches it
 */
record LayerSite(String name, String place, FeatureShape input) {

  IllegalArgumentException refuse(String problem) {
    return new IllegalArgumentException(
        "layer %s (%s): %s; its input is %s".formatted(name, place, problem, input));
  }

  /** The input, if it is an image. */
  FeatureShape image() {
    if (input.flat()) {
      throw refuse(
          "it needs an image; put it before the first dense layer and before global pooling");
    }
    return input;
  }

  void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw refuse(rule + ", but is " + value);
    }
  }
}
