package org.murmuration.worker.bench.collective;

/** A rank's part in what is timed. All ranks make the same operations and run them together. */
interface Exchange extends AutoCloseable {

  /**
   * Makes an operation over a vector ready.
   *
   * @param bytes of fp32 values
   */
  Operation operation(int bytes);

  /** Leaves at once, whatever the others do. */
  @Override
  void close();

  /** What is timed. */
  interface Operation {

    /** Runs it once. */
    void run();

    /**
     * Runs it once over known values, looks at what came out, and leaves zeros: a vector that is
     * summed again and again overflows otherwise.
     *
     * @throws IllegalStateException if a value isn't what it must be
     */
    void verify();
  }
}
