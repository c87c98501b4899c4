package org.murmuration.worker.transport;

/** A rank and some of its peers are all there, and can't reach each other. */
public final class UnreachablePeerException extends TransportException {
  private static final long serialVersionUID = 1L;

  UnreachablePeerException(String message) {
    super(message);
  }
}
