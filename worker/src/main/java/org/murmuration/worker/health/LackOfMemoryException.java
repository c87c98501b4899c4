package org.murmuration.worker.health;

/**
 * A rank has no more memory. The message says what was asked for, what holds the rest, and which
 * setting to change.
 *
 * <p>The JVM's error is logged and not the cause: Spark ends an executor for such a cause, perhaps
 * before the driver has heard of it.
 */
public final class LackOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LackOfMemoryException(String message) {
    super(message);
  }
}
