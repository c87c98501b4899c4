package org.murmuration.driver.ui;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** How far preprocessing is: a line that moves, or in a file a line for each tenth. */
public final class PreprocessDisplay {
  private static final int BAR_WIDTH = 24;
  private static final String ERASE_LINE = "\r\u001b[2K";
  private static final double NS_PER_SECOND = 1e9;
  private static final int TENTHS = 10;

  private final PrintStream out;
  private final boolean terminal;
  private final long allCost;
  private final long started = System.nanoTime();
  private long cost;
  private long images;
  private long bad;
  private long tenthsShown;

  /**
   * @param out where to write
   * @param terminal whether a line can be drawn again
   * @param allCost of all that is to do
   */
  public PreprocessDisplay(PrintStream out, boolean terminal, long allCost) {
    this.out = out;
    this.terminal = terminal;
    this.allCost = allCost;
  }

  /** Shows that a chunk is done: what it cost, how many images it gave, and how many were bad. */
  public void show(long done, long good, long refused) {
    cost += done;
    images += good;
    bad += refused;
    var tenths = TENTHS * cost / allCost;
    if (terminal) {
      out.print(ERASE_LINE + line());
      out.flush();
    } else if (tenths > tenthsShown) {
      out.println(line());
    }
    tenthsShown = tenths;
  }

  /** Ends the line that moves. */
  public void end() {
    if (terminal && cost > 0) {
      out.println();
    }
  }

  private String line() {
    var seconds = (System.nanoTime() - started) / NS_PER_SECOND;
    var left = Duration.ofSeconds(Math.round(seconds * (allCost - cost) / cost));
    var filled = (int) (BAR_WIDTH * cost / allCost);
    return String.format(
        Locale.ROOT,
        "preprocess [%s%s] %,d images  %,d bad  %,.0f images/s  %d:%02d min left",
        "=".repeat(filled),
        " ".repeat(BAR_WIDTH - filled),
        images,
        bad,
        images / seconds,
        left.toMinutes(),
        left.toSecondsPart());
  }
}
