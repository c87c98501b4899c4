package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutletTest {
  private final FullSocket socket = new FullSocket();
  private final Outlet<String> outlet = new Outlet<>(socket);

  @Test
  void shouldKeepInOrderWhatAFullSocketDoesNotTake() throws IOException {
    var buffer = ByteBuffer.allocate(1);
    socket.room = 1;
    for (byte value = 0; value < 4; value++) {
      // One buffer for all: what is kept must be a copy.
      outlet.send(buffer.put(0, value), "peer" + value);
    }
    assertThat(socket.sent).containsExactly("0 peer0");
    assertThat(socket.wake).isTrue();

    socket.room = 2;
    outlet.flush();
    assertThat(socket.sent).containsExactly("0 peer0", "1 peer1", "2 peer2");
    assertThat(socket.wake).isTrue();
    assertThat(outlet.isFree()).isFalse();

    socket.room = 5;
    outlet.send(buffer.put(0, (byte) 4), "peer4");
    outlet.flush();
    assertThat(socket.sent).containsExactly("0 peer0", "1 peer1", "2 peer2", "3 peer3", "4 peer4");
    assertThat(socket.wake).isFalse();
    assertThat(outlet.isFree()).isTrue();
  }

  private static final class FullSocket implements Outlet.Socket<String> {
    private final List<String> sent = new ArrayList<>();
    private int room;
    private boolean wake;

    @Override
    public boolean send(ByteBuffer datagram, String to) {
      if (room == 0) {
        return false;
      }
      room--;
      return sent.add(datagram.get() + " " + to);
    }

    @Override
    public void wakeWhenWritable(boolean wanted) {
      wake = wanted;
    }
  }
}
