/**
 * Which GPU a rank computes on: what is installed, what a process sees of it, and what the cluster
 * manager has given to the rank.
 */
package org.murmuration.worker.accel.gpu;
