package org.murmuration.driver.spark;

/**
 * A rank was lost with its executor, or lost its neighbours: nothing that the job itself did, so
 * that the same ranks may do better on other executors.
 */
public final class RankLostException extends JobFailedException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public RankLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
