package org.murmuration.worker.transport;

/**
 * A link could not be made or was lost. The message names the ranks, the addresses and a remedy.
 */
public class TransportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened, in words for the person who runs the job. */
  public TransportException(String message) {
    super(message);
  }

  /** What happened, and what caused it. */
  public TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
