package org.murmuration.driver.conf;

/**
 * When the state of a job is saved.
 *
 * @param everyEpochs epochs between two checkpoints
 * @param keep how many of the newest checkpoints stay
 */
public record CheckpointConf(int everyEpochs, int keep) {}
