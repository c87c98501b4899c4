package org.murmuration.worker.transport;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** How many frames were dropped, and why. */
final class Rejections {

  /** What was wrong with a frame. */
  enum Reason {
    /** Not a frame of this program and version. */
    FOREIGN,
    OTHER_JOB,
    OTHER_ATTEMPT,
    OTHER_SENDER,
    OTHER_OPERATION,
    /** A replay, or one that came before its turn. */
    OTHER_SEQUENCE,
    /** Forged or damaged: its code does not match. */
    FORGED
  }

  private final Map<Reason, AtomicLong> counts = new EnumMap<>(Reason.class);

  Rejections() {
    for (var reason : Reason.values()) {
      counts.put(reason, new AtomicLong());
    }
  }

  void count(Reason reason) {
    counts.get(reason).incrementAndGet();
  }

  long of(Reason reason) {
    return counts.get(reason).get();
  }

  long total() {
    return Arrays.stream(Reason.values()).mapToLong(this::of).sum();
  }

  @Override
  public String toString() {
    return Arrays.stream(Reason.values())
        .filter(reason -> of(reason) > 0)
        .map(reason -> of(reason) + " " + reason.name().toLowerCase(Locale.ROOT).replace('_', ' '))
        .collect(Collectors.joining(", "));
  }
}
