package org.murmuration.worker.optimizer;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.murmuration.worker.model.Layerwise;
import org.murmuration.worker.model.Momentum;
import org.murmuration.worker.optimizer.UpdateRule.Formula;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The updaters as loops over arrays, with DL4J's formulas in DL4J's order of operations. Each loop
 * is simple enough for the compiler to make vector instructions of it.
 */
final class UpdateRules {
  private static final Map<Class<?>, Function<IUpdater, UpdateRule>> RULES =
      Map.ofEntries(
          rule(NoOp.class, config -> new Rule(0, (iteration, epoch) -> (g, states, n) -> {})),
          rule(Sgd.class, UpdateRules::sgd),
          rule(Momentum.class, UpdateRules::momentum),
          rule(Nesterovs.class, UpdateRules::nesterov),
          rule(Adam.class, UpdateRules::adam),
          rule(Layerwise.class, UpdateRules::layerwise));

  private UpdateRules() {}

  /** The rule of an updater, if it has one here. */
  static Optional<UpdateRule> of(IUpdater updater) {
    return Optional.ofNullable(RULES.get(updater.getClass())).map(make -> make.apply(updater));
  }

  private static <U extends IUpdater> Map.Entry<Class<?>, Function<IUpdater, UpdateRule>> rule(
      Class<U> type, Function<U, UpdateRule> make) {
    return Map.entry(type, updater -> make.apply(type.cast(updater)));
  }

  private static UpdateRule sgd(Sgd config) {
    return new Rule(
        0,
        (iteration, epoch) -> {
          var rate = (float) config.getLearningRate(iteration, epoch);
          return (gradient, states, length) -> scale(gradient, rate, length);
        });
  }

  /** The rule of the step that is scaled. */
  private static UpdateRule layerwise(Layerwise config) {
    return of(config.base())
        .orElseThrow(() -> new IllegalArgumentException("no step is known for " + config.base()));
  }

  private static UpdateRule momentum(Momentum config) {
    return new Rule(
        1,
        (iteration, epoch) -> {
          var momentum = (float) config.momentum();
          var rate = (float) config.getLearningRate(iteration, epoch);
          return (gradient, states, length) ->
              momentum(gradient, states[0], momentum, rate, length);
        });
  }

  private static UpdateRule nesterov(Nesterovs config) {
    return new Rule(
        1,
        (iteration, epoch) -> {
          var momentum = (float) config.currentMomentum(iteration, epoch);
          var rate = (float) config.getLearningRate(iteration, epoch);
          return (gradient, states, length) ->
              nesterov(gradient, states[0], momentum, rate, length);
        });
  }

  private static UpdateRule adam(Adam config) {
    return new Rule(
        2,
        (iteration, epoch) -> {
          var beta1 = (float) config.getBeta1();
          var beta2 = (float) config.getBeta2();
          var epsilon = (float) config.getEpsilon();
          var rate = adamRate(config, iteration, epoch);
          return (gradient, states, length) ->
              adam(gradient, states[0], states[1], beta1, beta2, rate, epsilon, length);
        });
  }

  /** The learning rate with both corrections of the bias; epsilon in its place, if it is 0. */
  private static float adamRate(Adam config, int iteration, int epoch) {
    var power1 = power(config.getBeta1(), iteration + 1);
    var power2 = power(config.getBeta2(), iteration + 1);
    var learningRate = (float) config.getLearningRate(iteration, epoch);
    var rate = (float) (learningRate * (float) Math.sqrt(1.0 - power2) / (1.0 - power1));
    return rate == 0 || !Float.isFinite(rate) ? (float) config.getEpsilon() : rate;
  }

  /** The same on every processor, so that ranks agree. */
  private static float power(double base, float exponent) {
    return (float) StrictMath.pow((float) base, exponent);
  }

  private static void scale(float[] gradient, float rate, int length) {
    for (int i = 0; i < length; i++) {
      gradient[i] *= rate;
    }
  }

  private static void momentum(
      float[] gradient, float[] velocity, float momentum, float rate, int length) {
    for (int i = 0; i < length; i++) {
      var v = momentum * velocity[i] + gradient[i];
      velocity[i] = v;
      gradient[i] = rate * v;
    }
  }

  private static void nesterov(
      float[] gradient, float[] velocity, float momentum, float rate, int length) {
    var ahead = -momentum - 1;
    for (int i = 0; i < length; i++) {
      var kept = momentum * velocity[i];
      var v = kept - rate * gradient[i];
      velocity[i] = v;
      gradient[i] = kept + ahead * v;
    }
  }

  private static void adam(
      float[] gradient,
      float[] mean,
      float[] square,
      float beta1,
      float beta2,
      float rate,
      float epsilon,
      int length) {
    var new1 = 1 - beta1;
    var new2 = 1 - beta2;
    for (int i = 0; i < length; i++) {
      var g = gradient[i];
      var m = beta1 * mean[i] + g * new1;
      var s = beta2 * square[i] + g * g * new2;
      mean[i] = m;
      square[i] = s;
      gradient[i] = m * rate / ((float) Math.sqrt(s) + epsilon);
    }
  }

  /** The formula of every step. */
  @FunctionalInterface
  private interface Formulas {
    Formula at(int iteration, int epoch);
  }

  private record Rule(int states, Formulas formulas) implements UpdateRule {
    @Override
    public Formula at(int iteration, int epoch) {
      return formulas.at(iteration, epoch);
    }
  }
}
