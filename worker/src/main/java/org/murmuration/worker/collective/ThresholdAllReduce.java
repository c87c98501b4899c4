package org.murmuration.worker.collective;

import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.codec.ThresholdCodec;

/**
 * Sum of sparse messages: every member tells all others the few values of its vector and residual
 * that are large (Strom 2015), and each adds all members' in the same order. What is not told stays
 * in the residual.
 */
final class ThresholdAllReduce implements AllReduce {
  private final RingAllGather gather;
  private final ThresholdCodec codec;
  private final UnsafeBuffer encoded = new UnsafeBuffer(new byte[0]);

  ThresholdAllReduce(RingAllGather gather, ThresholdCodec codec) {
    this.gather = gather;
    this.codec = codec;
  }

  @Override
  public void run(Summand summand, long operation) {
    var length = summand.length();
    makeRoom(ThresholdCodec.maxEncodedLength(length));
    codec.restore(summand.residual().threshold());
    var bytes = codec.encode(summand.vector(), summand.residual().values(), 0, length, encoded, 0);
    codec.adapt();
    summand.residual().threshold(codec.threshold());
    var message = new byte[bytes];
    encoded.getBytes(0, message);
    summand.vector().setMemory(0, summand.vector().capacity(), (byte) 0);
    for (var theirs : gather.run(message, operation)) {
      ThresholdCodec.decodeAdding(
          new UnsafeBuffer(theirs), 0, theirs.length, summand.vector(), 0, length);
    }
  }

  private void makeRoom(int bytes) {
    if (encoded.capacity() < bytes) {
      encoded.wrap(new byte[bytes]);
    }
  }
}
