package org.murmuration.worker.training;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.Collective;

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
  public String neighbours() {
    return "has no neighbours";
  }

  @Override
  public void allReduceSum(UnsafeBuffer vector) {}

  @Override
  public List<byte[]> allGather(byte[] message) {
    return List.of(message);
  }

  @Override
  public void awaitAll() {}

  @Override
  public void close() {}
}
