package org.murmuration.worker.accel;

import java.util.Optional;

/**
 * The bytes that training takes for a network.
 *
 * @param parameters the vector of parameters
 * @param gradients the vectors of gradients, one for each replica
 * @param optimizerState what the optimizer keeps
 * @param activations what a step works in, which is laid out beforehand; empty where DL4J computes
 *     the network, which allocates as it goes
 */
public record MemoryNeed(
    long parameters, long gradients, long optimizerState, Optional<Long> activations) {}
