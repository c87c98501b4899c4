package org.murmuration.driver.conf;

import java.time.Duration;
import java.util.OptionalInt;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.training.BestPlan;
import org.murmuration.worker.training.NumbersPlan;

/**
 * How long and how parallel a job trains.
 *
 * @param ranks how many ranks it may have
 * @param batchSize images per step, the sum over all ranks
 * @param epochs passes over the training images
 * @param seed where every random number starts
 * @param computation how each rank computes
 * @param reshuffleEvery epochs after which the training images are dealt to the ranks anew; empty
 *     for never
 * @param labelSmoothing the share of each label that is spread over all classes; in [0, 1)
 * @param clipNorm the longest that a step's mean gradient may be; 0 for any length
 * @param averageDecay how much of the weights' mean over the steps stays at each; 0 to keep none
 * @param rateFactor what the stated learning rate is multiplied by, as the batch is larger than the
 *     one that it is meant for
 * @param warmupEpochs epochs in which the learning rate rises, beside the schedule's own steps
 * @param best which epoch is the best, and what is made of it
 * @param suspects the share of training images to name as those whose labels may be wrong; 0 for
 *     none
 * @param evaluateEvery epochs between two evaluations on the test images
 * @param numbers what is done when numbers go bad
 * @param maxFailures how often in a row ranks may be lost without a checkpoint in between
 * @param regrowAfter how long executors that were lost are waited for before fewer go on
 */
public record TrainConf(
    RankRange ranks,
    int batchSize,
    int epochs,
    long seed,
    ComputationSettings computation,
    OptionalInt reshuffleEvery,
    double labelSmoothing,
    double clipNorm,
    double averageDecay,
    double rateFactor,
    double warmupEpochs,
    BestPlan best,
    double suspects,
    int evaluateEvery,
    NumbersPlan numbers,
    int maxFailures,
    Duration regrowAfter) {}
