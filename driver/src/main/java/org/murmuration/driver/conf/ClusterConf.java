package org.murmuration.driver.conf;

import java.time.Duration;

/**
 * What a job asks of the cluster.
 *
 * @param slotsTimeout how long to wait until there are enough task slots
 */
public record ClusterConf(Duration slotsTimeout) {}
