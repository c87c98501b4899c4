package org.murmuration.worker.bench.collective;

import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.Residual;
import org.murmuration.worker.collective.TransportCollective;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.TransportSettings;

/** The all-reduce of Murmuration, set up as a job that says nothing about averaging. */
final class CollectiveExchange implements Exchange {
  private static final String LOOPBACK = "127.0.0.1";
  private static final double UNUSED_SPARSITY = 1e-3;

  private final Collective collective;

  private CollectiveExchange(Collective collective) {
    this.collective = collective;
  }

  /**
   * Joins the other ranks.
   *
   * @param directory of the media driver: ranks with the same one share a driver and memory, and
   *     ranks with different ones reach each other by UDP
   */
  static CollectiveExchange join(Rendezvous rendezvous, Wire wire, Path directory) {
    return new CollectiveExchange(
        TransportCollective.connect(
            rendezvous,
            new CollectiveSettings(
                Algorithm.AUTO,
                wire,
                UNUSED_SPARSITY,
                TransportSettings.defaults().withDirectory(directory.toString())),
            new AeronTransport.Host(LOOPBACK, directory),
            JobIdentity.create(1, 0)));
  }

  @Override
  public Operation operation(int bytes) {
    var residual = collective.isLossy() ? Residual.of(bytes / Float.BYTES) : Residual.none();
    return new Sum(KnownValues.zeros(bytes), residual);
  }

  @Override
  public void close() {
    collective.close();
  }

  private final class Sum implements Operation {
    private final UnsafeBuffer vector;
    private final Residual residual;

    Sum(UnsafeBuffer vector, Residual residual) {
      this.vector = vector;
      this.residual = residual;
    }

    @Override
    public void run() {
      collective.allReduceSum(vector, residual);
    }

    @Override
    public void verify() {
      KnownValues.fill(vector, collective.rank(), collective.worldSize());
      run();
      KnownValues.requireSum(vector, collective.worldSize());
      KnownValues.clear(vector);
    }
  }
}
