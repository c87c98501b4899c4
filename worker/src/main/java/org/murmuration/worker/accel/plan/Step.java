package org.murmuration.worker.accel.plan;

/**
 * One thing a plan does.
 *
 * @param layer the layer it is done for
 * @param what what is done
 * @param body does it
 * @param bytes what it reads and writes, 0 if unknown
 * @param flops additions and multiplications of convolutions and products, 0 for others
 */
record Step(String layer, String what, Runnable body, long bytes, long flops) {}
