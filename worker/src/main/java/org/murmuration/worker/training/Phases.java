package org.murmuration.worker.training;

/** Where the time of an epoch went, in nanoseconds. Used by one thread. */
final class Phases {
  private long input;
  private long compute;
  private long exposed;
  private long mark;

  void begin() {
    mark = System.nanoTime();
  }

  void inputDone() {
    input += lap();
  }

  void computeDone() {
    compute += lap();
  }

  void averagingDone() {
    exposed += lap();
  }

  long input() {
    return input;
  }

  long compute() {
    return compute;
  }

  /** Time in which the rank did nothing but average, or wait for others to. */
  long exposed() {
    return exposed;
  }

  private long lap() {
    var now = System.nanoTime();
    var elapsed = now - mark;
    mark = now;
    return elapsed;
  }
}
