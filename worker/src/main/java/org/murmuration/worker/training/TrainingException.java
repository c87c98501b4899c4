package org.murmuration.worker.training;

/** Training cannot go on. The message names rank, epoch and step, and says what to do. */
public class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public TrainingException(String message) {
    super(message);
  }

  /** What happened, and what caused it. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
