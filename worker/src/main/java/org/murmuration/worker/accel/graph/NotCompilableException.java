package org.murmuration.worker.accel.graph;

/** A layer or a network is none that can be compiled; DL4J computes it. */
public final class NotCompilableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param reason what about it, in words for the user
   */
  public NotCompilableException(String reason) {
    super(reason);
  }
}
