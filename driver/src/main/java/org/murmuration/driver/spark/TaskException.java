package org.murmuration.driver.spark;

import org.apache.spark.ExceptionFailure;
import org.murmuration.worker.data.BadDataException;

/** A checked exception of a task, for Spark's interfaces, which allow none; its message is kept. */
class TaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskException(Exception cause) {
    super(cause.getMessage(), cause);
  }

  /** The one for this exception. */
  static TaskException of(Exception cause) {
    return cause instanceof BadDataException bad ? new OfBadData(bad) : new TaskException(cause);
  }

  /** Data that won't be better the next time; Spark tells the driver the class and the message. */
  static final class OfBadData extends TaskException {
    private static final long serialVersionUID = 1L;

    OfBadData(BadDataException cause) {
      super(cause);
    }
  }

  /** Our own exceptions speak for themselves; of others the class is part of the news. */
  static String described(ExceptionFailure thrown) {
    return thrown.className().startsWith("org.murmuration.")
        ? thrown.description()
        : thrown.className() + ": " + thrown.description();
  }
}
