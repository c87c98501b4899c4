package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * What the loop is to do.
 *
 * @param epochs epochs in all, those done before a resume included
 * @param seed decides the order of samples and the masks of dropout
 * @param evaluateEvery epochs between two evaluations; the last epoch is always evaluated
 * @param checkpoints when the state is saved
 * @param averaging what is averaged between the ranks, and when
 * @param clipNorm the longest that the mean gradient of a step may be, or 0 for any length
 * @param averageDecay how much of the parameters' mean over the steps, which is what is evaluated
 *     and saved, stays at each step; 0 for the parameters themselves
 * @param feedback what the source of the batches is told
 * @param best which epoch is the best, and what is made of it
 * @param suspects the share of samples to name as those with the highest losses, or 0
 * @param numbers what is done when numbers go bad
 * @param until epochs after which this run ends, with a checkpoint; those that are left are another
 *     run's
 */
public record TrainingPlan(
    int epochs,
    long seed,
    int evaluateEvery,
    CheckpointPlan checkpoints,
    AveragingPlan averaging,
    double clipNorm,
    double averageDecay,
    FeedbackPlan feedback,
    BestPlan best,
    double suspects,
    NumbersPlan numbers,
    int until)
    implements Serializable {

  /** A plan whose epochs are all this run's. */
  public TrainingPlan(
      int epochs, long seed, int evaluateEvery, int checkpointEvery, AveragingPlan averaging) {
    this(
        epochs,
        seed,
        evaluateEvery,
        CheckpointPlan.everyEpochs(checkpointEvery),
        averaging,
        0,
        0,
        FeedbackPlan.defaults(),
        BestPlan.defaults(),
        0,
        NumbersPlan.defaults(),
        epochs);
  }

  /** A plan that averages gradients at every step. */
  public TrainingPlan(int epochs, long seed, int evaluateEvery, int checkpointEvery) {
    this(epochs, seed, evaluateEvery, checkpointEvery, AveragingPlan.defaults());
  }

  /** The same plan for a run that ends earlier. */
  public TrainingPlan until(int epochsDone) {
    return new TrainingPlan(
        epochs,
        seed,
        evaluateEvery,
        checkpoints,
        averaging,
        clipNorm,
        averageDecay,
        feedback,
        best,
        suspects,
        numbers,
        epochsDone);
  }

  /** Whether what this run ends with is the result. */
  boolean finishes() {
    return until == epochs;
  }

  boolean evaluates(int epoch) {
    return due(epoch, evaluateEvery);
  }

  boolean savesAfter(int epoch) {
    return due(epoch, checkpoints.epochs()) || epoch + 1 == until;
  }

  /** What a step's random numbers start from on a rank, mixed as SplitMix64 does (Steele 2014). */
  long randomSeed(int iteration, int rank) {
    long z = seed + 0x9E3779B97F4A7C15L * (((long) iteration << 20) + rank + 1);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private boolean due(int epoch, int every) {
    return (epoch + 1) % every == 0 || epoch + 1 == epochs;
  }
}
