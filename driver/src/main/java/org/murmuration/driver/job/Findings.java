package org.murmuration.driver.job;

import java.io.PrintStream;
import java.util.List;
import org.murmuration.worker.health.Finding;

/** The table that {@code doctor} prints: what was found where, and below it what to do about it. */
final class Findings {
  private final PrintStream out;
  private boolean healthy = true;

  Findings(PrintStream out) {
    this.out = out;
  }

  /** Whether nothing so far will keep a job from working. */
  boolean healthy() {
    return healthy;
  }

  /** Prints what was found in one place. */
  void print(String where, List<Finding> findings) {
    for (var finding : findings) {
      healthy &= finding.status() != Finding.Status.PROBLEM;
      out.printf(
          "%-8s %-34s %-15s %s%n", finding.status(), where, finding.check(), finding.value());
      if (!finding.fix().isEmpty()) {
        out.printf("%-8s %-34s %-15s -> %s%n", "", "", "", finding.fix());
      }
    }
  }
}
