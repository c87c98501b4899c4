package org.murmuration.worker.accel.plan;

/**
 * One thing a plan does.
 *
 * @param layer the layer it is done for
 * @param what what is done
 * @param body does it
 * @param bytes what it reads and writes, 0 if unknown
 */
record Step(String layer, String what, Runnable body, long bytes) {}
