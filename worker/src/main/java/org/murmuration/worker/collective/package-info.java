/**
 * Averaging between ranks. P is the number of ranks, S the bytes of a vector, L the ranks of a
 * host.
 *
 * <table>
 * <caption>Cost per rank</caption>
 * <tr><th>operation</th><th>steps</th><th>bytes sent</th><th>source</th></tr>
 * <tr><td>{@link org.murmuration.worker.collective.RingAllReduce}</td><td>2(P-1)</td>
 *     <td>2S(P-1)/P</td><td>Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for
 *     clusters of workstations"</td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.RecursiveDoubling}</td><td>log2(P), or two more
 *     when P is no power of two</td><td>S log2(P)</td><td>Thakur, Rabenseifner and Gropp 2005,
 *     "Optimization of collective communication operations in MPICH"</td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.HostAllReduce}</td><td>2(L-1) in the host, and
 *     those of the leaders</td><td>2S in the host; one rank of each host crosses the network</td>
 *     <td></td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.InProcessAllReduce}</td><td>2 barriers</td>
 *     <td>none: S(1 + 1/L) read and S/L written by each rank</td><td></td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.ThresholdAllReduce}</td><td>P-1</td>
 *     <td>P-1 sparse messages</td><td>Strom 2015, "Scalable distributed DNN training using commodity
 *     GPU cloud computing"</td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.RingAllGather}</td><td>P-1</td>
 *     <td>the others' messages</td><td>Patarasuk and Yuan 2009</td></tr>
 * </table>
 *
 * <p>{@link org.murmuration.worker.collective.Composition} chooses by where the ranks are. Every
 * rank calls the same operations in the same order. The order of additions depends on rank, world
 * size and place alone, so all ranks hold the same bits afterwards, and a repeated run does too.
 */
package org.murmuration.worker.collective;
