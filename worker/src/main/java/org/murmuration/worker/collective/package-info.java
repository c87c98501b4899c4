/**
 * Averaging between ranks. P is the number of ranks, S the bytes of a vector.
 *
 * <table>
 * <caption>Cost per rank</caption>
 * <tr><th>operation</th><th>steps</th><th>bytes sent</th><th>source</th></tr>
 * <tr><td>{@link org.murmuration.worker.collective.RingAllReduce}</td><td>2(P-1)</td>
 *     <td>2S(P-1)/P</td><td>Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for
 *     clusters of workstations"</td></tr>
 * <tr><td>{@link org.murmuration.worker.collective.RingAllGather}</td><td>P-1</td>
 *     <td>sum of the others' messages</td><td>the same</td></tr>
 * </table>
 *
 * <p>Every rank calls the same operations in the same order. The order of additions depends on rank
 * and world size alone, so all ranks hold the same bits afterwards, and a repeated run does too.
 */
package org.murmuration.worker.collective;
