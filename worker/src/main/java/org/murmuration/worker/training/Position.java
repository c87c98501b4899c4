package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.Comparator;

/**
 * How far a job is.
 *
 * @param epoch epochs that are done
 * @param step steps that are done of the epoch after them
 */
public record Position(int epoch, int step) implements Comparable<Position>, Serializable {
  /** Before the first step. */
  public static final Position START = new Position(0, 0);

  private static final Comparator<Position> ORDER =
      Comparator.comparingInt(Position::epoch).thenComparingInt(Position::step);

  /** At the end of so many epochs. */
  public static Position after(int epochs) {
    return new Position(epochs, 0);
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  /** As in {@code after step 12 of epoch 3}. */
  @Override
  public String toString() {
    if (step > 0) {
      return "after step %d of epoch %d".formatted(step, epoch + 1);
    }
    return epoch > 0 ? "after epoch " + epoch : "at the beginning";
  }
}
