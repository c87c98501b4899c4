/**
 * What image networks compute, each kind as one {@link
 * org.murmuration.worker.accel.plan.Operation}: how it asks oneDNN for the output and for the
 * gradients.
 */
package org.murmuration.worker.accel.op;
