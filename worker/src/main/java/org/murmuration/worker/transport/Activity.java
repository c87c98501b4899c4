package org.murmuration.worker.transport;

import java.util.Arrays;
import java.util.Locale;

/** What a rank is busy with, as it tells its peers. */
public enum Activity {
  STARTING(0),
  LOADING(1),
  COMPUTING(2),
  AVERAGING(3),
  EVALUATING(4),
  SAVING(5);

  private final int code;

  Activity(int code) {
    this.code = code;
  }

  /** The number that stands for it on the wire. */
  int code() {
    return code;
  }

  static Activity of(int code) {
    return Arrays.stream(values())
        .filter(activity -> activity.code == code)
        .findFirst()
        .orElseThrow(
            () -> new TransportException("a peer announced activity " + code + ", unknown here"));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
