package org.murmuration.worker.data;

/** The next batch could not be had, or not in time. The message says which, and what to do. */
public final class BatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public BatchException(String message) {
    super(message);
  }

  /** What happened, and what caused it. */
  public BatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
