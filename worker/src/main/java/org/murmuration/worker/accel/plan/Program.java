package org.murmuration.worker.accel.plan;

import java.util.List;

/**
 * A network as operations, for batches of one shape.
 *
 * @param inputs what the batch's features become
 * @param operations in an order in which each can be computed
 * @param outputs the values to be read after a run without training
 * @param frozen parameters that don't learn: their gradients are set to 0
 */
public record Program(
    List<Value> inputs, List<Operation> operations, List<Value> outputs, List<Parameter> frozen) {}
