package org.murmuration.worker.model;

import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/** Turns gradients into steps for {@link Momentum}; DL4J subtracts them from the parameters. */
final class MomentumUpdater implements GradientUpdater<Momentum> {
  private static final String VELOCITY = "V";

  private final Momentum config;
  private INDArray velocity;

  MomentumUpdater(Momentum config) {
    this.config = config;
  }

  @Override
  public Momentum getConfig() {
    return config;
  }

  @Override
  public void setState(Map<String, INDArray> stateMap, boolean initialize) {
    if (!stateMap.keySet().equals(Set.of(VELOCITY))) {
      throw new IllegalStateException(
          "the state of momentum is the array \"%s\" alone, but there are %s"
              .formatted(VELOCITY, stateMap.keySet()));
    }
    velocity = stateMap.get(VELOCITY);
    if (initialize) {
      velocity.assign(0);
    }
  }

  @Override
  public Map<String, INDArray> getState() {
    return Map.of(VELOCITY, velocity);
  }

  @Override
  public void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    if (initialize) {
      viewArray.assign(0);
    }
    velocity = viewArray.reshape(gradientOrder, gradientShape);
  }

  /** Replaces the gradient, of the length of the state, by learning rate * velocity. */
  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    INDArray step = gradient.reshape(velocity.shape());
    Nd4j.exec(new Axpy(velocity, step, velocity, config.momentum()));
    Nd4j.exec(
        new ScalarMultiplication(velocity, null, step, config.getLearningRate(iteration, epoch)));
  }
}
