package org.murmuration.worker.model;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Stochastic gradient descent with momentum as PyTorch has it (Sutskever et al. 2013 with the
 * learning rate outside of the velocity): v = momentum * v + gradient, parameter -= rate * v. DL4J
 * itself has only Nesterov's. Its state is v, one value for every parameter.
 */
public final class Momentum implements IUpdater {
  private static final long serialVersionUID = 1L;

  private double learningRate;
  private ISchedule learningRateSchedule;
  private final double momentum;

  /**
   * @param learningRate the learning rate, if there is no schedule
   * @param learningRateSchedule the learning rate of every iteration, or null
   * @param momentum the share of the velocity that a step keeps, in [0, 1)
   * @throws IllegalArgumentException if momentum is out of range
   */
  @JsonCreator
  public Momentum(
      @JsonProperty("learningRate") double learningRate,
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("momentum") double momentum) {
    requireValid(momentum);
    this.learningRate = learningRate;
    this.learningRateSchedule = learningRateSchedule;
    this.momentum = momentum;
  }

  static void requireValid(double momentum) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum must be at least 0 and < 1, but is " + momentum);
    }
  }

  /** The share of the velocity that a step keeps. */
  public double momentum() {
    return momentum;
  }

  @Override
  public long stateSize(long numParams) {
    return numParams;
  }

  @Override
  public GradientUpdater<Momentum> instantiate(INDArray viewArray, boolean initializeViewArray) {
    MomentumUpdater updater = new MomentumUpdater(this);
    INDArray flat = viewArray.reshape(viewArray.length());
    updater.setStateViewArray(flat, flat.shape(), flat.ordering(), initializeViewArray);
    return updater;
  }

  @Override
  public GradientUpdater<Momentum> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    MomentumUpdater updater = new MomentumUpdater(this);
    updater.setState(updaterState, initializeStateArrays);
    return updater;
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule == null
        ? learningRate
        : learningRateSchedule.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    learningRate = lr;
    learningRateSchedule = lrSchedule;
  }

  @Override
  public Momentum clone() {
    return new Momentum(
        learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone(), momentum);
  }

  /**
   * By value, because DL4J updates parameters in one operation only if their updaters are equal.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof Momentum that
        && Double.compare(learningRate, that.learningRate) == 0
        && Objects.equals(learningRateSchedule, that.learningRateSchedule)
        && Double.compare(momentum, that.momentum) == 0;
  }

  /** Of what cannot change. */
  @Override
  public int hashCode() {
    return Double.hashCode(momentum);
  }
}
