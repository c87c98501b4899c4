package org.murmuration.worker.data.prepared;

/** What is done with an image whose sides have another proportion than they should. */
public enum Fit {
  /** It is stretched. */
  STRETCH,
  /** It is resized until it covers the target, and what sticks out on either side is cut off. */
  CROP,
  /** It is resized until it fits into the target, and the rest is filled with the background. */
  PAD
}
