package org.murmuration.driver.conf;

import java.time.Duration;
import org.murmuration.worker.training.CheckpointPlan;

/**
 * When the state of a job is saved, and for how long.
 *
 * @param plan when
 * @param keep how many of the newest checkpoints stay
 * @param onStop how long a process that is told to stop waits for a checkpoint
 */
public record CheckpointConf(CheckpointPlan plan, int keep, Duration onStop) {}
