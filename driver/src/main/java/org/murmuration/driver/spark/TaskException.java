package org.murmuration.driver.spark;

import org.apache.spark.ExceptionFailure;

/** A checked exception of a task, for Spark's interfaces, which allow none; its message is kept. */
final class TaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskException(Exception cause) {
    super(cause.getMessage(), cause);
  }

  /** Our own exceptions speak for themselves; of others the class is part of the news. */
  static String described(ExceptionFailure thrown) {
    return thrown.className().startsWith("org.murmuration.")
        ? thrown.description()
        : thrown.className() + ": " + thrown.description();
  }
}
