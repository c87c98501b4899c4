package org.murmuration.worker.collective;

import java.io.Serializable;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.TransportSettings;

/**
 * How vectors are summed.
 *
 * @param algorithm the setting {@code averaging.algorithm}
 * @param wire how values are written when they go to another process; the setting {@code
 *     averaging.wire}
 * @param sparsity the share of values that {@link Wire#THRESHOLD} sends, in (0, 0.5]; the setting
 *     {@code averaging.sparsity}
 * @param transport how ranks reach each other
 */
public record CollectiveSettings(
    Algorithm algorithm, Wire wire, double sparsity, TransportSettings transport)
    implements Serializable {
  private static final double DEFAULT_SPARSITY = 1e-3;

  /** The settings of a job that says nothing about averaging. */
  public static CollectiveSettings defaults() {
    return exact(Algorithm.AUTO, TransportSettings.defaults());
  }

  /** Sums that lose nothing. */
  public static CollectiveSettings exact(Algorithm algorithm, TransportSettings transport) {
    return new CollectiveSettings(algorithm, Wire.FP32, DEFAULT_SPARSITY, transport);
  }
}
