package org.murmuration.worker.data;

import java.io.IOException;

/**
 * Data that a job cannot use: missing, damaged or in another format. The message is written for the
 * person who started the job: it names the file, the place in it, the rule, and what to do.
 */
public final class BadDataException extends IOException {

  private static final long serialVersionUID = 1L;

  public BadDataException(String message) {
    super(message);
  }

  public BadDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
