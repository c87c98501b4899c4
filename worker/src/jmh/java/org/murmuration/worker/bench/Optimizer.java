package org.murmuration.worker.bench;

/** The settings of stochastic gradient descent with momentum that all contenders use. */
final class Optimizer {
  static final double LEARNING_RATE = 0.01;
  static final double MOMENTUM = 0.9;

  private Optimizer() {}
}
