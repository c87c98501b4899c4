package org.murmuration.driver.conf;

import java.util.function.DoublePredicate;

/**
 * What a number must satisfy.
 *
 * @param text the rule as it completes "must be"
 * @param holds whether a number satisfies it
 */
record Rule(String text, DoublePredicate holds) {
  static final Rule POSITIVE = new Rule("> 0", x -> x > 0);
  static final Rule NOT_NEGATIVE = new Rule(">= 0", x -> x >= 0);
  static final Rule AT_LEAST_ONE = new Rule(">= 1", x -> x >= 1);
  static final Rule AT_LEAST_TWO = new Rule(">= 2", x -> x >= 2);
  static final Rule HALF = new Rule("in (0, 0.5]", x -> x > 0 && x <= 0.5);
  static final Rule FRACTION = new Rule("in [0, 1]", x -> x >= 0 && x <= 1);
  static final Rule FRACTION_BELOW_ONE = new Rule("in [0, 1)", x -> x >= 0 && x < 1);
  static final Rule FRACTION_OPEN = new Rule("in (0, 1)", x -> x > 0 && x < 1);
  static final Rule FRACTION_ABOVE_ZERO = new Rule("in (0, 1]", x -> x > 0 && x <= 1);

  /** A level of a sample of an image. */
  static final Rule BYTE = new Rule("in [0, 255]", x -> x >= 0 && x <= 255);

  /** Aeron's rule: more than its 32-byte header, aligned to frames, at most one UDP payload. */
  static final Rule MTU =
      new Rule("a multiple of 32 in [64, 65504]", x -> x >= 64 && x <= 65504 && x % 32 == 0);

  /** Whole fp32 values; no fewer than are worth a message, no more than one array holds. */
  static final Rule BUCKET =
      new Rule("a multiple of 4 in [64 KiB, 1 GiB]", x -> x >= 65536 && x <= 1 << 30 && x % 4 == 0);

  /** No less than the largest datagram, as Aeron wants it. */
  static final Rule WINDOW = new Rule("in [64 KiB, 512 MiB]", x -> x >= 65536 && x <= 1 << 29);

  /** With more than half of the values, their indices would outweigh what is left out. */
  static final Rule SPARSITY = new Rule("in (0, 0.5]", x -> x > 0 && x <= 0.5);
}
