package org.murmuration.worker.accel.graph;

import java.util.List;
import org.murmuration.worker.accel.plan.Program;

/**
 * A network as read.
 *
 * @param program its operations
 * @param placements where each layer runs
 */
public record Reading(Program program, List<Placement> placements) {}
