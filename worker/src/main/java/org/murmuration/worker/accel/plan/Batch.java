package org.murmuration.worker.accel.plan;

import java.util.List;

/**
 * Where the memory of a run lies that the plan doesn't own, as addresses.
 *
 * @param parameters the network's flat vector
 * @param gradient where its gradients go; anything for a plan without training
 * @param features the inputs
 * @param labels the labels of the outputs
 */
public record Batch(long parameters, long gradient, List<Long> features, List<Long> labels) {}
