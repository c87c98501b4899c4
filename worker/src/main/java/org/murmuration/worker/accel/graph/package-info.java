/**
 * Reads a DL4J network into operations: which layer is compiled, which runs in DL4J, and why.
 * DL4J's configuration stays the only description of the network.
 */
package org.murmuration.worker.accel.graph;
