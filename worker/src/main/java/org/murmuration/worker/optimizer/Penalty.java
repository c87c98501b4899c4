package org.murmuration.worker.optimizer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** The regularisation of some parameters. */
final class Penalty {
  private static final Set<Class<?>> KNOWN =
      Set.of(L1Regularization.class, L2Regularization.class, WeightDecay.class);

  private final List<L1Regularization> l1;
  private final List<L2Regularization> l2;
  private final List<WeightDecay> decay;

  private Penalty(List<Regularization> all) {
    this.l1 = only(L1Regularization.class, all);
    this.l2 = only(L2Regularization.class, all);
    this.decay = only(WeightDecay.class, all);
  }

  /** What DL4J's list amounts to, if all of it is known here; DL4J's null is an empty list. */
  static Optional<Penalty> of(List<Regularization> all) {
    var listed = all == null ? List.<Regularization>of() : all;
    return listed.stream().allMatch(r -> KNOWN.contains(r.getClass()))
        ? Optional.of(new Penalty(listed))
        : Optional.empty();
  }

  /**
   * What a step adds.
   *
   * @param sign times the parameter's sign, to the gradient
   * @param value times the parameter, to the gradient
   * @param decay times the parameter, to what the updater made of the gradient
   */
  record Coefficients(float sign, float value, float decay) {

    void addToGradient(float[] gradient, float[] parameters, int length) {
      if (sign != 0) {
        addSigns(gradient, sign, parameters, length);
      }
      if (value != 0) {
        addMultiple(gradient, value, parameters, length);
      }
    }

    void addToStep(float[] step, float[] parameters, int length) {
      if (decay != 0) {
        addMultiple(step, decay, parameters, length);
      }
    }
  }

  /** The coefficients of one step; equal terms are added up. */
  Coefficients at(int iteration, int epoch, double learningRate) {
    return new Coefficients(
        sum(l1, r -> r.getL1().valueAt(iteration, epoch)),
        sum(l2, r -> r.getL2().valueAt(iteration, epoch)),
        sum(
            decay,
            r -> r.getCoeff().valueAt(iteration, epoch) * (r.isApplyLR() ? learningRate : 1)));
  }

  private static <R> float sum(List<R> all, ToDoubleFunction<R> coefficient) {
    double sum = 0;
    for (var one : all) {
      sum += coefficient.applyAsDouble(one);
    }
    return (float) sum;
  }

  private static <R> List<R> only(Class<R> type, List<Regularization> all) {
    return all.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static void addSigns(float[] to, float factor, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += factor * Math.signum(values[i]);
    }
  }

  private static void addMultiple(float[] to, float factor, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += factor * values[i];
    }
  }
}
