/**
 * What networks are computed with: {@link org.murmuration.worker.accel.Computations} takes compiled
 * plans on the processor where that is possible, and DL4J where it is not.
 */
package org.murmuration.worker.accel;
