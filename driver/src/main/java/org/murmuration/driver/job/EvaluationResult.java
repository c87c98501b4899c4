package org.murmuration.driver.job;

import java.io.Serializable;
import java.util.List;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.training.ConfusionMatrix;

/**
 * What a rank of {@code evaluate} returns to the driver.
 *
 * @param matrix of all ranks together
 * @param bad images of its share that couldn't be decoded
 */
record EvaluationResult(ConfusionMatrix matrix, List<BadSample> bad) implements Serializable {}
