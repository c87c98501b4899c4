/**
 * Helpers of DL4J's layers that hand the work to libnd4j's own operations, whose platform code is
 * oneDNN on a CPU and cuDNN on a GPU. {@link org.murmuration.worker.accel.helper.Helpers} gives
 * them to a network's layers; it says which layers get none, and why.
 */
package org.murmuration.worker.accel.helper;
