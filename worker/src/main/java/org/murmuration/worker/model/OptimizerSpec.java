package org.murmuration.worker.model;

/**
 * The optimizer and its learning rate as a job file describes them.
 *
 * @param kind the algorithm
 * @param learningRate the peak learning rate
 * @param momentum for {@code MOMENTUM}, {@code NESTEROV} and {@code LARS}; in [0, 1)
 * @param beta1 decay of the first moment, for the Adam family
 * @param beta2 decay of the second moment, for the Adam family
 * @param epsilon for the Adam family; added to the root of the second moment before its bias
 *     correction (the "epsilon hat" of Kingma and Ba 2015, section 2), where PyTorch adds it after
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019) for {@code ADAMW} and
 *     {@code LAMB}, an L2 penalty for the others; never on biases and normalisation parameters
 * @param trust for {@code LARS}: what share of a weight array's norm its step may have, before the
 *     learning rate; > 0
 * @param schedule how the learning rate moves
 */
public record OptimizerSpec(
    Kind kind,
    double learningRate,
    double momentum,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double trust,
    ScheduleSpec schedule) {

  /** The same with a multiple of the learning rate. */
  public OptimizerSpec times(double factor) {
    return new OptimizerSpec(
        kind, learningRate * factor, momentum, beta1, beta2, epsilon, weightDecay, trust, schedule);
  }

  /** The same with another schedule. */
  public OptimizerSpec with(ScheduleSpec newSchedule) {
    return new OptimizerSpec(
        kind, learningRate, momentum, beta1, beta2, epsilon, weightDecay, trust, newSchedule);
  }

  /** The optimizers that a job file can name. */
  public enum Kind {
    SGD,
    MOMENTUM,
    NESTEROV,
    ADAM,
    ADAMW,
    LARS,
    LAMB
  }
}
