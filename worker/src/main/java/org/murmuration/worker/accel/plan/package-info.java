/**
 * Static plans of primitives: an {@link org.murmuration.worker.accel.plan.Emitter} lets operations
 * say what they compute, keeps each tensor in the layout its producer chose, plans memory by
 * lifetime, and a {@link org.murmuration.worker.accel.plan.Plan} runs the result step by step,
 * allocating nothing.
 */
package org.murmuration.worker.accel.plan;
