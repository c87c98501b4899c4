package org.murmuration.driver.conf;

import java.util.List;
import java.util.Optional;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.PixelNorm;

/**
 * The network, save for the number of classes, which the data decides.
 *
 * @param preprocessing layers that turn raw pixels into its input
 * @param zoo the name of a network of the zoo, in place of layers
 * @param layers between the preprocessing and the output layer
 * @param init how parameters start
 */
public record NetworkConf(
    List<LayerSpec> preprocessing,
    Optional<String> zoo,
    List<LayerSpec> layers,
    NetworkSpec.Init init) {

  /**
   * The network for so many classes.
   *
   * @param norm what the data decides
   * @throws IllegalArgumentException when the data can't decide where it is asked
   */
  public NetworkSpec of(int classes, PixelNorm norm) {
    return new NetworkSpec(norm.fillIn(preprocessing), zoo, layers, classes, init);
  }
}
