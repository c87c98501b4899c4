package org.murmuration.driver.conf;

/**
 * How a model is evaluated.
 *
 * @param batchSize images per forward pass of one rank
 */
public record EvaluateConf(int batchSize) {}
