package org.murmuration.worker.data.augment;

import java.io.Serializable;
import java.util.random.RandomGenerator;
import org.murmuration.worker.data.ImageShape;

/** Makes one sample of two. Immutable. */
public interface Mixing extends Serializable {

  /**
   * Mixes another image into one.
   *
   * @param image channel by channel; changed in place
   * @param other of the same shape
   * @param random of this sample in this epoch
   * @return the weight of the image's own label, 0 to 1; the rest is the other's
   */
  double mix(byte[] image, byte[] other, ImageShape shape, RandomGenerator random);
}
