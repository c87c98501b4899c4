package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * A training sample whose label may be wrong.
 *
 * @param number of the sample in the data set
 * @param label the number of its class
 * @param predicted what the network took it for when it was last seen
 * @param loss the mean of its losses
 */
public record Suspect(long number, int label, int predicted, double loss) implements Serializable {}
