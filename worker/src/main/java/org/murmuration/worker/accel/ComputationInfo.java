package org.murmuration.worker.accel;

import java.io.Serializable;
import java.util.List;

/**
 * How a network is computed.
 *
 * @param precision of the compiled layers, such as {@code fp32}
 * @param replicas how many parts of a batch are computed side by side
 * @param threads how many threads each of them uses
 * @param compiledLayers how many layers and vertices are compiled
 * @param dl4jLayers those that DL4J computes, each with the reason
 */
public record ComputationInfo(
    String precision, int replicas, int threads, int compiledLayers, List<String> dl4jLayers)
    implements Serializable {}
