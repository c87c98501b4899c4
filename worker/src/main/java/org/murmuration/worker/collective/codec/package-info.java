/**
 * What an all-reduce of gradients puts on the wire for its values.
 *
 * <table>
 * <caption>Encodings</caption>
 * <tr><th>wire</th><th>bytes per value</th><th>lost values</th><th>source</th></tr>
 * <tr><td>fp32</td><td>4</td><td>none</td><td>IEEE 754</td></tr>
 * <tr><td>bf16</td><td>2</td><td>16 bits of mantissa</td><td>Kalamkar et al. 2019, "A study of
 *     BFLOAT16 for deep learning training"</td></tr>
 * <tr><td>fp16</td><td>2</td><td>13 bits of mantissa, range</td><td>IEEE 754</td></tr>
 * <tr><td>threshold</td><td>1 to 3 for each value sent, few are sent</td><td>all but the sign</td>
 *     <td>Strom 2015, "Scalable distributed DNN training using commodity GPU cloud
 *     computing"</td></tr>
 * </table>
 *
 * <p>Whatever is lost is kept in a residual and added to the next gradient (error feedback: Seide
 * et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019, "Error feedback fixes
 * SignSGD"). Summed over steps, what was sent plus the last residual is what went in.
 *
 * <p>The loops run over small arrays that the values are copied into and out of. C2 on Java 17
 * turns loops over arrays of one width into vector instructions, but not loops over buffers; the
 * copies stay in the first-level cache and cost less than they save.
 */
package org.murmuration.worker.collective.codec;
