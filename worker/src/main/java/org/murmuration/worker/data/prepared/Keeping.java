package org.murmuration.worker.data.prepared;

/** How a prepared table keeps its images. */
public enum Keeping {
  /** As samples of 8 bits, channel by channel: nothing is left to do when they are used. */
  PIXELS,
  /**
   * As the files that they were: small where they are large, but decoded whenever they are used.
   */
  ENCODED
}
