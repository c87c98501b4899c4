package org.murmuration.worker.transport;

/** A link as the transport sees it, which makes it, watches it and closes it. */
interface PeerLink extends Link, AutoCloseable {

  /** Whether both ways are open. */
  boolean isConnected();

  /**
   * When a frame last came from the peer, as {@link System#nanoTime()} counts. To be asked by any
   * thread.
   */
  long heardNs();

  @Override
  void close();
}
