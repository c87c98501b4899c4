package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * What is done when numbers go bad.
 *
 * @param onNan what is done when a loss or a gradient is not finite
 * @param mostPerEpoch how many steps of an epoch may be left out for it
 * @param spike how many standard deviations above its mean a loss is told as a spike; 0 for none
 */
public record NumbersPlan(OnNan onNan, int mostPerEpoch, double spike) implements Serializable {

  /** What can be done. */
  public enum OnNan {
    /** The job ends, with the parameters as they were. */
    STOP,
    /** The step is left out. */
    SKIP,
    /**
     * The step is left out, and parameters and optimizer go back to the newest checkpoint: the
     * steps since then, which may have led there, are undone (as Chowdhery et al.: PaLM, 2022, did
     * by hand).
     */
    ROLLBACK
  }

  /** Stops. */
  public static NumbersPlan defaults() {
    return new NumbersPlan(OnNan.STOP, 0, 0);
  }
}
