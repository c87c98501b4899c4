package org.murmuration.worker.transport;

import static io.aeron.protocol.HeaderFlyweight.CURRENT_VERSION;

import io.aeron.logbuffer.LogBufferDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import io.aeron.protocol.SetupFlyweight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Datagrams of somebody who isn't a rank, each call's from one new socket and as fast as it takes
 * them; a receiver that doesn't keep up loses some.
 */
public final class Datagrams {
  private static final int LARGEST_DATAGRAM = 65_507;
  private static final int BYTE_VALUES = 256;
  private static final int MTU = 1408;
  private static final int MAX_PAYLOAD = 1024;
  private static final int ALIGNMENT = 32;
  private static final int TERM_LENGTH = LogBufferDescriptor.TERM_MIN_LENGTH;

  private Datagrams() {}

  /** Sends datagrams of random bytes and of random lengths, 1 to 65,507 bytes, mostly short. */
  public static void randomDatagrams(InetSocketAddress target, int count, long seed) {
    var random = new SplittableRandom(seed);
    send(
        target,
        sender -> {
          for (var n = 0; n < count; n++) {
            // Uniform in the logarithm, for a header's length matters more than a page's.
            var length = (int) Math.pow(LARGEST_DATAGRAM, random.nextDouble());
            var bytes = new byte[length];
            random.nextBytes(bytes);
            sender.send(bytes);
          }
        });
  }

  /** Sends an empty datagram and then one of one byte for each value that a byte can have. */
  public static void portScan(InetSocketAddress target) {
    send(
        target,
        sender -> {
          sender.send(new byte[0]);
          for (var value = 0; value < BYTE_VALUES; value++) {
            sender.send(new byte[] {(byte) value});
          }
        });
  }

  /**
   * Sends pairs of Aeron's frames, each the setup and the first message of a stream of its own: a
   * random session, random bytes. A receiver that subscribes to the stream makes three buffers of
   * 64 KiB for each, and until it has made them it drops the message: the second call with the same
   * seed reaches the subscriber.
   *
   * @param count how many pairs
   */
  public static void aeronLookingDatagrams(
      InetSocketAddress target, int streamId, int count, long seed) {
    var random = new SplittableRandom(seed);
    send(
        target,
        sender -> {
          for (var n = 0; n < count; n++) {
            var sessionId = random.nextInt();
            var termId = random.nextInt();
            var termOffset = random.nextInt(TERM_LENGTH / 2 / ALIGNMENT) * ALIGNMENT;
            sender.send(setup(streamId, sessionId, termId, termOffset));
            sender.send(message(streamId, sessionId, termId, termOffset, random));
          }
        });
  }

  private static byte[] setup(int streamId, int sessionId, int termId, int termOffset) {
    var frame = new byte[SetupFlyweight.HEADER_LENGTH];
    var setup = new SetupFlyweight(new UnsafeBuffer(frame));
    setup
        .termOffset(termOffset)
        .sessionId(sessionId)
        .streamId(streamId)
        .initialTermId(termId)
        .activeTermId(termId)
        .termLength(TERM_LENGTH)
        .mtuLength(MTU)
        .ttl(0)
        .headerType(HeaderFlyweight.HDR_TYPE_SETUP)
        .version(CURRENT_VERSION)
        .frameLength(frame.length);
    return frame;
  }

  private static byte[] message(
      int streamId, int sessionId, int termId, int termOffset, SplittableRandom random) {
    var payload = new byte[random.nextInt(1, MAX_PAYLOAD + 1)];
    random.nextBytes(payload);
    var length = DataHeaderFlyweight.HEADER_LENGTH + payload.length;
    var frame = new byte[BitUtil.align(length, ALIGNMENT)];
    System.arraycopy(payload, 0, frame, DataHeaderFlyweight.HEADER_LENGTH, payload.length);
    var message = new DataHeaderFlyweight(new UnsafeBuffer(frame));
    message
        .sessionId(sessionId)
        .streamId(streamId)
        .termId(termId)
        .termOffset(termOffset)
        .flags(DataHeaderFlyweight.BEGIN_AND_END_FLAGS)
        .headerType(HeaderFlyweight.HDR_TYPE_DATA)
        .version(CURRENT_VERSION)
        .frameLength(length);
    return frame;
  }

  private interface Sender {
    void send(byte[] datagram) throws IOException;
  }

  private interface Senders {
    void sendBy(Sender sender) throws IOException;
  }

  private static void send(InetSocketAddress target, Senders datagrams) {
    try (var socket = new DatagramSocket()) {
      datagrams.sendBy(bytes -> socket.send(new DatagramPacket(bytes, bytes.length, target)));
    } catch (IOException e) {
      throw new UncheckedIOException("a datagram to " + target + " could not be sent", e);
    }
  }
}
