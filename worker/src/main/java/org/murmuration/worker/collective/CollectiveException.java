package org.murmuration.worker.collective;

/** A collective operation could not end. The message names operation, ranks and the time waited. */
public class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public CollectiveException(String message) {
    super(message);
  }

  /** What happened, and what caused it. */
  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
