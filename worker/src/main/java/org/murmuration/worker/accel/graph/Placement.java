package org.murmuration.worker.accel.graph;

/**
 * Where a layer runs.
 *
 * @param layer its name in the graph
 * @param type DL4J's class of it
 * @param compiled whether it is compiled; else DL4J computes it
 * @param reason why not, empty if it is compiled
 */
public record Placement(String layer, String type, boolean compiled, String reason) {}
