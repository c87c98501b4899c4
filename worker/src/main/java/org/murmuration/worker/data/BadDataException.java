package org.murmuration.worker.data;

import java.io.IOException;

/** Input that can't be used. The message names the file, the place, the rule and a remedy. */
public final class BadDataException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, in words for the person who runs the job. */
  public BadDataException(String message) {
    super(message);
  }

  /** What is wrong, and what caused it. */
  public BadDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
