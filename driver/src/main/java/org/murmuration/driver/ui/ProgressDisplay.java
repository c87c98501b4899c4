package org.murmuration.driver.ui;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Incident;

/**
 * The progress in a terminal: one line per finished epoch, and below them a line that moves. Where
 * the output is no terminal, only the lines of the epochs are written.
 */
public final class ProgressDisplay {
  private static final int BAR_WIDTH = 24;
  private static final String ERASE_LINE = "\r\u001b[2K";

  private final PrintStream out;
  private final boolean terminal;
  private final Set<Incident> incidentsShown = new HashSet<>();
  private int epochsShown;

  /**
   * @param out where to write
   * @param terminal whether a line can be drawn again
   */
  public ProgressDisplay(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Shows where the job is; may be told the same again, or skip what came between. */
  public synchronized void show(Progress progress) {
    for (var incident : progress.incidents()) {
      if (incidentsShown.add(incident)) {
        out.printf(
            "%s%-11s epoch %d, step %d: %s%n",
            terminal ? ERASE_LINE : "",
            incident.kind().word(),
            incident.epoch(),
            incident.step(),
            incident.what());
      }
    }
    for (var report : progress.done()) {
      epochDone(report, progress.epochs());
    }
    if (terminal && progress.step() > 0 && progress.epoch() > epochsShown) {
      out.print(ERASE_LINE + moving(progress));
      out.flush();
    }
  }

  /** Writes the line of an epoch, once. */
  public synchronized void epochDone(EpochReport report, int epochs) {
    if (report.epoch() <= epochsShown) {
      return;
    }
    epochsShown = report.epoch();
    out.println((terminal ? ERASE_LINE : "") + finished(report, epochs));
  }

  private static String moving(Progress p) {
    var filled = BAR_WIDTH * p.step() / p.steps();
    return String.format(
        Locale.ROOT,
        "epoch %2d/%d [%s%s] step %d/%d  loss %.4f  %,.0f images/s",
        p.epoch(),
        p.epochs(),
        "=".repeat(filled),
        " ".repeat(BAR_WIDTH - filled),
        p.step(),
        p.steps(),
        p.loss(),
        p.imagesPerSecond());
  }

  private static String finished(EpochReport r, int epochs) {
    var test =
        Double.isNaN(r.testAccuracy())
            ? ""
            : String.format(
                Locale.ROOT, "  test %.4f %5.2f %%", r.testLoss(), 100 * r.testAccuracy());
    return String.format(
        Locale.ROOT,
        "epoch %2d/%d  loss %.4f%s  %,6.0f images/s  %.1f s: %.0f %% compute, %.0f %% averaging",
        r.epoch(),
        epochs,
        r.loss(),
        test,
        r.imagesPerSecond(),
        r.wallSeconds(),
        100 * r.computeSeconds() / r.wallSeconds(),
        100 * r.exposedCommunicationSeconds() / r.wallSeconds());
  }
}
