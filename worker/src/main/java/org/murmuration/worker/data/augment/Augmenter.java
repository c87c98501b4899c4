package org.murmuration.worker.data.augment;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.SplitMix;
import org.murmuration.worker.data.image.Raster;

/**
 * A list of augmentations, and perhaps a mixing after them. What becomes of a sample depends on the
 * seed, the epoch and the number of the sample alone: not on how many ranks there are, on threads
 * or on what was done before. Each of the list has its own random numbers, so that one more at its
 * end changes nothing of what those before it do.
 *
 * @param augmentations in their order
 * @param mixing after them, on images of the final size
 * @param seed of all
 */
public record Augmenter(List<Augmentation> augmentations, List<Mixing> mixing, long seed)
    implements Serializable {
  private static final int IGNORE = 255;

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException when there is more than one mixing
   */
  public Augmenter {
    augmentations = List.copyOf(augmentations);
    mixing = List.copyOf(mixing);
    if (mixing.size() > 1) {
      throw new IllegalArgumentException("two samples can be mixed in one way only: " + mixing);
    }
  }

  /** Whether it changes nothing. */
  public boolean isIdle() {
    return augmentations.isEmpty() && mixing.isEmpty();
  }

  /**
   * Whether it is to be given images as large as they are, and brings them to the target's size.
   */
  public boolean takesAnySize() {
    return augmentations.stream().anyMatch(Augmentation::takesAnySize);
  }

  /** Whether it makes one sample of two. */
  public boolean mixes() {
    return !mixing.isEmpty();
  }

  /**
   * Changes an image and its mask.
   *
   * @param image is closed
   * @param mask of the same size; is closed
   * @param target the shape that the image is to have
   * @param sample its number in the data set
   * @return with image and mask of the target's size; to be closed
   */
  public Canvas apply(
      Raster image, Optional<Raster> mask, ImageShape target, int epoch, long sample) {
    var canvas = new Canvas(image, mask, target.width(), target.height(), IGNORE);
    try {
      for (int i = 0; i < augmentations.size(); i++) {
        augmentations.get(i).apply(canvas, random(epoch, sample, i));
      }
      if (canvas.width() != target.width() || canvas.height() != target.height()) {
        canvas.resize(target.width(), target.height());
      }
      return canvas;
    } catch (RuntimeException e) {
      canvas.close();
      throw e;
    }
  }

  /**
   * Mixes another image into one, if there is a mixing.
   *
   * @param image channel by channel; changed in place
   * @param other of the same shape
   * @param sample the number of the image's sample
   * @return the weight of the image's own label
   */
  public double mix(byte[] image, byte[] other, ImageShape shape, int epoch, long sample) {
    return mixing.isEmpty()
        ? 1
        : mixing.get(0).mix(image, other, shape, random(epoch, sample, augmentations.size()));
  }

  /**
   * Whether a sample is among the share of samples that are changed in an epoch.
   *
   * @param share in [0, 1]
   */
  public boolean changes(int epoch, long sample, double share) {
    return share >= 1 || random(epoch, sample, -1).nextDouble() < share;
  }

  private RandomGenerator random(int epoch, long sample, int position) {
    long place = SplitMix.mix(SplitMix.mix(SplitMix.mix(seed) ^ epoch) ^ sample);
    return new SplittableRandom(SplitMix.mix(place ^ position));
  }
}
