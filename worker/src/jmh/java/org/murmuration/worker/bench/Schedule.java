package org.murmuration.worker.bench;

/**
 * How long a contender is timed in one round. An iteration ends with the first step that is done
 * after its time.
 *
 * @param warmups iterations that don't count
 * @param iterations iterations that count, one number each
 * @param iterationMillis the time of an iteration, in milliseconds
 */
record Schedule(int warmups, int iterations, int iterationMillis) {

  /** How many numbers a contender gives in a round. */
  static final int ITERATIONS = 3;

  /**
   * The schedule of a contender. Layers take less than networks, which are what matters.
   *
   * @param quick whether numbers may be rough
   */
  static Schedule of(Contender contender, Workload workload, boolean quick) {
    int warmups = quick ? 1 : 2;
    int millis = quick || !workload.updated() ? 500 : 2000;
    return new Schedule(contender.onlyOnce() ? 0 : warmups, ITERATIONS, millis);
  }
}
