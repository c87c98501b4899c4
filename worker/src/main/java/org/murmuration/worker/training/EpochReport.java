package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * What one epoch brought, over all ranks.
 *
 * @param epoch counting from 1
 * @param steps steps taken, the same on every rank
 * @param samples samples seen by all ranks together
 * @param loss the mean training loss per sample, regularisation included
 * @param wallSeconds time from the first step to the end of the last, on the slowest rank
 * @param imagesPerSecond samples by wallSeconds
 * @param computeSeconds time in forward, backward and update, mean of the ranks
 * @param communicationSeconds time in averaging, waiting for slower ranks included, mean of the
 *     ranks
 * @param inputSeconds time in waiting for the next batch, mean of the ranks
 * @param testLoss the mean loss per test image, or NaN when this epoch was not evaluated
 * @param testAccuracy the share of test images classified right, or NaN
 * @param parameterChecksum of the parameters, the same on every rank
 */
public record EpochReport(
    int epoch,
    int steps,
    long samples,
    double loss,
    double wallSeconds,
    double imagesPerSecond,
    double computeSeconds,
    double communicationSeconds,
    double inputSeconds,
    double testLoss,
    double testAccuracy,
    String parameterChecksum)
    implements Serializable {}
