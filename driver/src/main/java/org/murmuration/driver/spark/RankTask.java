package org.murmuration.driver.spark;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.BarrierTaskContext;

/**
 * What one rank does.
 *
 * @param <T> an element of the rank's partition
 * @param <R> what it returns to the driver
 */
@FunctionalInterface
public interface RankTask<T, R> extends Serializable {

  /** Runs on an executor, at the same time as all other ranks. */
  R run(BarrierTaskContext context, Iterator<T> partition) throws Exception;
}
