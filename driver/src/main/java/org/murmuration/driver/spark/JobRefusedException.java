package org.murmuration.driver.spark;

/**
 * A job can't run as it was asked for: the cluster, a Spark setting or the output folder speaks
 * against it. The message says what to change. Its own type, so that an IllegalStateException of a
 * library is not taken for a user's mistake and keeps its trace.
 */
public class JobRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What speaks against it, in words for the person who runs the job. */
  public JobRefusedException(String message) {
    super(message);
  }

  /** What speaks against it, and what it was told by. */
  public JobRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
