package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * What went wrong in training that goes on all the same, or was seen just before it ended.
 *
 * @param kind what it is
 * @param epoch counting from 1
 * @param step of the epoch, counting from 1
 * @param what in words
 */
public record Incident(Kind kind, int epoch, int step, String what) implements Serializable {

  /** What can go wrong. */
  public enum Kind {
    /** A step whose numbers were not finite was left out. */
    LEFT_OUT("left out"),
    /** Such a step was left out, and the network went back to the newest checkpoint. */
    ROLLED_BACK("rolled back"),
    /** The loss was far above what it had been. */
    LOSS_SPIKE("loss spike"),
    /** A checkpoint was not written. */
    NOT_SAVED("not saved");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** For people. */
    public String word() {
      return word;
    }

    /** Whether the samples of the step were not trained on. */
    boolean leavesOut() {
      return this == LEFT_OUT || this == ROLLED_BACK;
    }
  }
}
