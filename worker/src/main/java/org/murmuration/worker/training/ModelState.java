package org.murmuration.worker.training;

import java.nio.FloatBuffer;

/**
 * Everything about a network that training changes.
 *
 * @param epoch epochs completed
 * @param iteration steps completed
 * @param parameters the flat parameter vector, fp32 in DL4J's order
 * @param updaterState the flat state of the optimizer, fp32 in DL4J's order; empty when it has none
 * @param average the mean of the parameters over the steps, as long as they are; empty where none
 *     is kept
 */
public record ModelState(
    int epoch,
    int iteration,
    FloatBuffer parameters,
    FloatBuffer updaterState,
    FloatBuffer average) {}
