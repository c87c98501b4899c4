package org.murmuration.worker.model;

import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** From the description of an optimizer to DL4J's updaters and regularisation. */
final class Optimizers {
  private Optimizers() {}

  /**
   * The updater of every parameter that has none of its own.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  static IUpdater updater(OptimizerSpec spec, int totalSteps) {
    IUpdater base = base(spec, totalSteps);
    return switch (spec.kind()) {
      case LARS -> new Layerwise(Layerwise.Rule.LARS, base, spec.trust());
      case LAMB -> new Layerwise(Layerwise.Rule.LAMB, base, 1);
      case SGD, MOMENTUM, NESTEROV, ADAM, ADAMW -> base;
    };
  }

  private static IUpdater base(OptimizerSpec spec, int totalSteps) {
    double peak = spec.learningRate();
    LearningRateSchedule schedule = LearningRateSchedule.of(spec.schedule(), peak, totalSteps);
    return switch (spec.kind()) {
      case SGD -> Sgd.builder().learningRate(peak).learningRateSchedule(schedule).build();
      case MOMENTUM, LARS -> new Momentum(peak, schedule, spec.momentum());
      case NESTEROV -> nesterov(spec, schedule);
      case ADAM, ADAMW, LAMB -> adam(spec, schedule);
    };
  }

  /**
   * The updater of parameters whose learning rate is the job's times a factor. It is never scaled
   * by norms: what starts as the identity starts at 0, and would stay there.
   */
  static IUpdater updater(OptimizerSpec spec, double factor, int totalSteps) {
    // Adam would take its epsilon for a learning rate of 0.
    return factor == 0 ? new Sgd(0) : base(spec.times(factor), totalSteps);
  }

  private static IUpdater nesterov(OptimizerSpec spec, LearningRateSchedule schedule) {
    Momentum.requireValid(spec.momentum());
    return Nesterovs.builder()
        .learningRate(spec.learningRate())
        .learningRateSchedule(schedule)
        .momentum(spec.momentum())
        .build();
  }

  private static IUpdater adam(OptimizerSpec spec, LearningRateSchedule schedule) {
    requireDecay("beta1", spec.beta1());
    requireDecay("beta2", spec.beta2());
    if (!(spec.epsilon() > 0)) {
      throw new IllegalArgumentException("epsilon must be > 0, but is " + spec.epsilon());
    }
    return Adam.builder()
        .learningRate(spec.learningRate())
        .learningRateSchedule(schedule)
        .beta1(spec.beta1())
        .beta2(spec.beta2())
        .epsilon(spec.epsilon())
        .build();
  }

  private static void requireDecay(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be at least 0 and < 1, but is " + value);
    }
  }

  /**
   * What shrinks the weights of a layer: after the update and times the learning rate for {@code
   * ADAMW} and {@code LAMB} (Loshchilov and Hutter 2019), through the gradient for the others.
   * Every layer has to be given it, because a decay that is set for the whole network reaches each
   * layer of a graph twice in DL4J 1.0.0-M2.1.
   *
   * @throws IllegalArgumentException if the coefficient is negative
   */
  static List<Regularization> weightDecay(OptimizerSpec spec) {
    double coefficient = spec.weightDecay();
    if (!(coefficient >= 0 && Double.isFinite(coefficient))) {
      throw new IllegalArgumentException("weight decay must be >= 0, but is " + coefficient);
    }
    if (coefficient == 0) {
      return List.of();
    }
    return switch (spec.kind()) {
      case ADAMW, LAMB -> List.of(new WeightDecay(coefficient, true));
      case SGD, MOMENTUM, NESTEROV, LARS, ADAM -> List.of(new L2Regularization(coefficient));
    };
  }
}
