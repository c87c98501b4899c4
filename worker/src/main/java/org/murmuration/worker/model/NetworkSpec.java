package org.murmuration.worker.model;

import java.util.List;
import java.util.Optional;

/**
 * A classifier as a job file describes it: preprocessing layers, then either the listed layers or a
 * network of the zoo, then a dense layer of {@code classes} units with softmax cross-entropy.
 *
 * @param preprocessing layers that turn raw pixels 0..255 into what the network wants; part of the
 *     graph and of the saved model
 * @param zoo the name of a network of the zoo, or empty when {@code layers} says it
 * @param layers the layers before the output layer, empty when {@code zoo} is given
 * @param classes the number of classes
 * @param init how parameters start
 */
public record NetworkSpec(
    List<LayerSpec> preprocessing,
    Optional<String> zoo,
    List<LayerSpec> layers,
    int classes,
    Init init) {

  /** How parameters start. */
  public enum Init {
    /** PyTorch's default: weights and biases uniform in +-1/sqrt(fan in). */
    PYTORCH,
    /** Glorot and Bengio 2010: normal with variance 2/(fan in + fan out); biases zero. */
    XAVIER,
    /** He et al. 2015: normal with variance 2/fan in; biases zero. */
    HE
  }
}
