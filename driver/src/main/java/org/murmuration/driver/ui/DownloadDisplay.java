package org.murmuration.driver.ui;

import java.io.PrintStream;

/** The progress of a download in a terminal: a line that moves, or a line every so often. */
public final class DownloadDisplay {
  private static final long MIB = 1024 * 1024;
  private static final long MIB_PER_LINE = 32;

  private final PrintStream out;
  private final boolean terminal;
  private long shownMib = -1;

  /**
   * A display that has shown nothing yet.
   *
   * @param terminal whether a line can be drawn again
   */
  public DownloadDisplay(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Shows how many bytes are there. */
  public void show(long bytes) {
    var mib = bytes / MIB;
    if (terminal && mib != shownMib) {
      shownMib = mib;
      out.printf("\rdownloading CIFAR-10: %d MiB", mib);
      out.flush();
    } else if (!terminal && mib / MIB_PER_LINE != shownMib / MIB_PER_LINE) {
      shownMib = mib;
      out.printf("downloading CIFAR-10: %d MiB%n", mib);
    }
  }
}
