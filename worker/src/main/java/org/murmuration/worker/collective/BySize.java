package org.murmuration.worker.collective;

/**
 * One algorithm for small vectors, another for large ones.
 *
 * <p>Where they cross, in time: recursive doubling takes about log2(P) latencies and log2(P) times
 * the vector's bytes, a ring 2(P-1) latencies and 2(P-1)/P times the bytes. So the ring is ahead
 * from latency x bandwidth x (2(P-1) - log2 P) / (log2 P - 2(P-1)/P) bytes on; for two ranks, where
 * both move the same bytes, it wins only because it adds half as much.
 *
 * @param crossoverBytes vectors up to so many bytes are small
 */
record BySize(int crossoverBytes, AllReduce small, AllReduce large) implements AllReduce {

  @Override
  public void run(Summand summand, long operation) {
    (summand.vector().capacity() <= crossoverBytes ? small : large).run(summand, operation);
  }
}
