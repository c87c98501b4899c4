package org.murmuration.driver;

/** Tells the cluster manager in words why the application failed. */
final class FailedApplicationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FailedApplicationException(String reason) {
    // What follows the reason in YARN's diagnostics should not be a stack trace.
    super(reason, null, false, false);
  }
}
