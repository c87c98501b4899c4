package org.murmuration.worker.collective;

/**
 * The index arithmetic of a ring all-reduce: who sends which chunk when.
 *
 * <p>A <i>chunk</i> is one of P nearly equal parts of the vector. In step s rank r sends chunk (r -
 * s) mod P and receives chunk (r - s - 1) mod P. Steps 0 to P-2 add what is received
 * (reduce-scatter); then rank r holds the full sum of chunk (r + 1) mod P, and steps P-1 to 2P-3
 * copy what is received (all-gather). What a rank receives in one step is what it sends in the
 * next.
 *
 * @param rank this rank
 * @param worldSize P
 * @param length the vector's length in elements
 */
record RingSchedule(int rank, int worldSize, int length) {

  int steps() {
    return 2 * (worldSize - 1);
  }

  int sentChunk(int step) {
    return Math.floorMod(rank - step, worldSize);
  }

  int receivedChunk(int step) {
    return Math.floorMod(rank - step - 1, worldSize);
  }

  boolean adds(int step) {
    return step < worldSize - 1;
  }

  /** The last step in which what is received is added; the full sum leaves in the step after. */
  int lastAddingStep() {
    return worldSize - 2;
  }

  /** The first element of a chunk; chunk P begins where the vector ends. */
  int chunkStart(int chunk) {
    return (int) ((long) length * chunk / worldSize);
  }

  int chunkLength(int chunk) {
    return chunkStart(chunk + 1) - chunkStart(chunk);
  }
}
