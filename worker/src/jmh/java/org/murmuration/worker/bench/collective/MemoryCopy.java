package org.murmuration.worker.bench.collective;

import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.Rendezvous;

/** Each rank copies a vector within its own memory, at the same time as the others do. */
final class MemoryCopy implements Exchange {
  private final Rendezvous rendezvous;

  MemoryCopy(Rendezvous rendezvous) {
    this.rendezvous = rendezvous;
  }

  @Override
  public Operation operation(int bytes) {
    return new Copy(KnownValues.zeros(bytes), KnownValues.zeros(bytes));
  }

  @Override
  public void close() {
    // Nothing but memory to give back, which ends with the process.
  }

  private final class Copy implements Operation {
    private final UnsafeBuffer from;
    private final UnsafeBuffer to;

    Copy(UnsafeBuffer from, UnsafeBuffer to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void run() {
      to.putBytes(0, from, 0, from.capacity());
    }

    @Override
    public void verify() {
      KnownValues.fill(from, rendezvous.rank(), rendezvous.worldSize());
      run();
      if (!to.equals(from)) {
        throw new IllegalStateException(
            "a copy of %d bytes differs from its source".formatted(from.capacity()));
      }
      KnownValues.clear(from);
    }
  }
}
