package org.murmuration.driver.spark;

/** A rank failed in a way that needn't happen again: the job may go on from a checkpoint. */
public final class RankLostException extends JobFailedException {
  private static final long serialVersionUID = 1L;

  private final boolean onlyOnceItRan;

  /**
   * What happened to which rank.
   *
   * @param onlyOnceItRan whether another attempt is of use only if the ranks have ever worked
   *     together
   */
  public RankLostException(String message, boolean onlyOnceItRan, Throwable cause) {
    super(message, cause);
    this.onlyOnceItRan = onlyOnceItRan;
  }

  /** Whether another attempt is of use only if the ranks have ever worked together. */
  public boolean onlyOnceItRan() {
    return onlyOnceItRan;
  }
}
