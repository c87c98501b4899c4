package org.murmuration.worker.transport;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/** The last datagrams that a {@link UdpRelay} sent on to its target; for any thread. */
final class RelayRecording {
  private final ArrayDeque<Recorded> datagrams = new ArrayDeque<>();
  private int capacity;

  record Recorded(RelayFlow flow, ByteBuffer datagram) {}

  /** Forgets what there was and keeps so many from now on. */
  synchronized void start(int count) {
    datagrams.clear();
    capacity = count;
  }

  synchronized void add(RelayFlow flow, ByteBuffer datagram) {
    if (capacity == 0) {
      return;
    }
    if (datagrams.size() == capacity) {
      datagrams.remove();
    }
    datagrams.add(new Recorded(flow, Outlet.copyOf(datagram)));
  }

  synchronized List<Recorded> datagrams() {
    return List.copyOf(datagrams);
  }
}
