package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.murmuration.worker.accel.kernel.AugmentKernel;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Random changes of images, in training alone, whose magnitudes are learned: see {@link
 * AugmentKernel}. The loss alone would take them to 0, so they are rewarded for being large, by an
 * L1 penalty that is negative (Benton et al. 2020).
 */
public final class AugmentLayer extends KernelLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private List<Change> changes;
  @JsonProperty private float[] magnitudes;

  /** For Jackson, which fills it. */
  AugmentLayer() {}

  /**
   * @param channels of the images
   * @param magnitudes at first, of the changes that are made
   */
  AugmentLayer(int channels, Map<Change, Double> magnitudes, Learning learning) {
    super(channels, learning);
    SortedMap<Change, Double> sorted = new TreeMap<>(magnitudes);
    this.changes = List.copyOf(sorted.keySet());
    this.magnitudes = new float[changes.size()];
    for (int i = 0; i < changes.size(); i++) {
      this.magnitudes[i] = sorted.get(changes.get(i)).floatValue();
    }
  }

  @Override
  ImageKernel kernel(ImageSize size) {
    return new AugmentKernel(size, changes);
  }

  @Override
  float[] start() {
    return magnitudes.clone();
  }

  @Override
  boolean idleInUse() {
    return true;
  }

  /** A magnitude is as large as its negative. */
  @Override
  List<Reading> read(float... parameters) {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      var name = changes.get(i).name().toLowerCase(Locale.ROOT).replace('_', '-');
      readings.add(new Reading(name, Math.abs(parameters[i])));
    }
    return readings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AugmentLayer that
        && super.equals(that)
        && changes.equals(that.changes)
        && Arrays.equals(magnitudes, that.magnitudes);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + changes.hashCode();
  }
}
