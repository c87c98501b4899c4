package org.murmuration.worker.accel.plan;

/**
 * What a step of a plan took.
 *
 * @param layer the layer it was done for
 * @param what what was done, and by which of oneDNN's implementations
 * @param nanos how long it took
 * @param bytes what it read and wrote, 0 if unknown
 * @param flops additions and multiplications of convolutions and products, 0 for others
 */
public record StepTime(String layer, String what, long nanos, long bytes, long flops) {}
