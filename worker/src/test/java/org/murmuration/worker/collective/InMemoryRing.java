package org.murmuration.worker.collective;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.RingLink;

/** A ring of bounded queues, so that the algorithms can be tested without a network. */
final class InMemoryRing {
  private record Frame(long operation, ByteBuffer payload) {}

  private final List<BlockingQueue<Frame>> inboxes = new ArrayList<>();
  private final int maxPayloadLength;

  InMemoryRing(int worldSize, int maxPayloadLength, int framesInFlight) {
    this.maxPayloadLength = maxPayloadLength;
    for (int rank = 0; rank < worldSize; rank++) {
      inboxes.add(new ArrayBlockingQueue<>(framesInFlight));
    }
  }

  RingLink link(int rank) {
    var worldSize = inboxes.size();
    var inbox = inboxes.get(rank);
    var outbox = inboxes.get((rank + 1) % worldSize);
    return new RingLink() {
      @Override
      public int maxPayloadLength() {
        return maxPayloadLength;
      }

      @Override
      public boolean trySend(long operation, DirectBuffer payload, int offset, int length) {
        var bytes = new byte[length];
        payload.getBytes(offset, bytes);
        return outbox.offer(new Frame(operation, ByteBuffer.wrap(bytes)));
      }

      @Override
      public boolean poll(long operation, FrameHandler handler) {
        var frame = inbox.poll();
        if (frame == null) {
          return false;
        }
        if (frame.operation != operation) {
          throw new AssertionError(
              "frame of operation " + frame.operation + " during " + operation);
        }
        handler.onFrame(new UnsafeBuffer(frame.payload), 0, frame.payload.capacity());
        return true;
      }

      @Override
      public long droppedFrames() {
        return 0;
      }

      @Override
      public String next() {
        return "rank " + (rank + 1) % worldSize;
      }

      @Override
      public String previous() {
        return "rank " + (rank + worldSize - 1) % worldSize;
      }

      @Override
      public void close() {}
    };
  }
}
