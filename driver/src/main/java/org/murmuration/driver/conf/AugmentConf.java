package org.murmuration.driver.conf;

import java.util.List;
import java.util.Optional;
import org.murmuration.worker.data.augment.Augmentation;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.augment.Mixing;

/**
 * How training images are changed at random.
 *
 * @param steps in their order
 */
public record AugmentConf(List<Step> steps) {

  /**
   * One of them: of one image or of two.
   *
   * @param augmentation of one image
   * @param mixing of two
   */
  public record Step(Optional<Augmentation> augmentation, Optional<Mixing> mixing) {
    static Step of(Augmentation augmentation) {
      return new Step(Optional.of(augmentation), Optional.empty());
    }

    static Step of(Mixing mixing) {
      return new Step(Optional.empty(), Optional.of(mixing));
    }
  }

  /** All of them, drawing from a seed. */
  public Augmenter augmenter(long seed) {
    return new Augmenter(
        steps.stream().flatMap(step -> step.augmentation().stream()).toList(),
        steps.stream().flatMap(step -> step.mixing().stream()).toList(),
        seed);
  }

  /** Whether the steps that mix are one at most, and the last. */
  boolean mixesLast() {
    return steps.stream().limit(Math.max(0, steps.size() - 1)).allMatch(s -> s.mixing().isEmpty());
  }

  /** Whether a step mixes images. */
  public boolean mixes() {
    return steps.stream().anyMatch(step -> step.mixing().isPresent());
  }

  /** Whether a step takes channels for red, green and blue, or for gray. */
  boolean needsColours() {
    return steps.stream()
        .flatMap(step -> step.augmentation().stream())
        .anyMatch(Augmentation::needsColours);
  }

  /** Whether a step crops images that are larger than what the network takes. */
  boolean takesAnySize() {
    return steps.stream()
        .flatMap(step -> step.augmentation().stream())
        .anyMatch(Augmentation::takesAnySize);
  }
}
