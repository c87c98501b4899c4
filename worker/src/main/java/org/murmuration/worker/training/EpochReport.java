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
 * @param exposedCommunicationSeconds time in which a rank did nothing but average, waiting for
 *     slower ranks included, mean of the ranks
 * @param hiddenCommunicationSeconds time in averaging while the rank also computed, mean of the
 *     ranks
 * @param inputSeconds time in waiting for the next batch, mean of the ranks
 * @param slowest the rank that the others waited for most: where its time went
 * @param testLoss the mean loss per test image, or NaN when this epoch was not evaluated
 * @param testAccuracy the share of test images classified right, or NaN
 * @param coverage which samples it had
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
    double exposedCommunicationSeconds,
    double hiddenCommunicationSeconds,
    double inputSeconds,
    RankTimes slowest,
    double testLoss,
    double testAccuracy,
    Coverage coverage,
    String parameterChecksum)
    implements Serializable {}
