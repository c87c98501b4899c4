package org.murmuration.worker.data;

/** The two parts of a data set. */
public enum Split {
  /** What the network learns from. */
  TRAIN,
  /** What it is measured on. */
  TEST
}
