package org.murmuration.driver.spark;

/** A job failed on the cluster. The message names the rank that failed first and says why. */
public class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
