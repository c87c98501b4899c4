/**
 * What an all-reduce costs between processes of one machine, beside what moving its bytes costs.
 *
 * <p>{@link org.murmuration.worker.bench.collective.AllReduceBenchmark} is the command. It starts a
 * {@link org.murmuration.worker.bench.collective.World} of processes for each contender in turn.
 * Each process is a {@link org.murmuration.worker.bench.collective.RankProcess}, takes part in
 * operations back to back, and says when each of them ended.
 */
package org.murmuration.worker.bench.collective;
