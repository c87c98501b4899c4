package org.murmuration.worker.health;

import java.io.Serializable;

/**
 * What a check found.
 *
 * @param check what was checked
 * @param status whether it will do
 * @param value what was found
 * @param fix what to do about it; empty when there is nothing to do
 */
public record Finding(String check, Status status, String value, String fix)
    implements Serializable {

  /** Whether what was found will do. */
  public enum Status {
    OK,
    /** It works, but not as well as it could. */
    WARNING,
    /** It will not work. */
    PROBLEM
  }

  /** All is well. */
  public static Finding ok(String check, String value) {
    return new Finding(check, Status.OK, value, "");
  }

  /** It works, but not as well as it could. */
  public static Finding warning(String check, String value, String fix) {
    return new Finding(check, Status.WARNING, value, fix);
  }

  /** It will not work. */
  public static Finding problem(String check, String value, String fix) {
    return new Finding(check, Status.PROBLEM, value, fix);
  }
}
