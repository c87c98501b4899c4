package org.murmuration.worker.training;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.Residual;

/** A rank of any number whose world is itself. */
record LoneRank(int rank) implements Collective {
  @Override
  public int worldSize() {
    return 1;
  }

  @Override
  public long droppedFrames() {
    return 0;
  }

  @Override
  public String arrangement() {
    return "alone";
  }

  @Override
  public boolean isLossy() {
    return false;
  }

  @Override
  public void allReduceSum(UnsafeBuffer vector, Residual residual) {}

  @Override
  public void announce(String activity, long step) {}

  @Override
  public void abort(String reason) {}

  @Override
  public List<byte[]> allGather(byte[] message) {
    return List.of(message);
  }

  @Override
  public void awaitAll() {}

  @Override
  public void close() {}
}
