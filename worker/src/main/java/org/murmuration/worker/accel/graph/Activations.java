package org.murmuration.worker.accel.graph;

import java.util.Map;
import java.util.function.Function;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** DL4J's activation functions in oneDNN's terms. */
final class Activations {
  private static final Map<Class<?>, Function<IActivation, Eltwise>> BY_CLASS =
      Map.of(
          ActivationReLU.class, a -> Eltwise.relu(0),
          ActivationReLU6.class, a -> Eltwise.clip(0, 6),
          ActivationLReLU.class, a -> leaky(((ActivationLReLU) a).getAlpha()),
          ActivationELU.class, a -> Eltwise.elu(((ActivationELU) a).getAlpha()),
          ActivationTanH.class, a -> Eltwise.tanh(),
          ActivationSigmoid.class, a -> Eltwise.logistic(),
          ActivationSoftPlus.class, a -> Eltwise.softplus(),
          ActivationSwish.class, a -> Eltwise.swish());

  private Activations() {}

  static boolean isIdentity(IActivation activation) {
    return activation instanceof ActivationIdentity;
  }

  static boolean isSoftmax(IActivation activation) {
    return activation instanceof ActivationSoftmax;
  }

  /**
   * @throws NotCompilableException when oneDNN has no such function
   */
  static Eltwise of(IActivation activation) {
    var known = BY_CLASS.get(activation.getClass());
    if (known == null) {
      throw new NotCompilableException("its activation %s is not compiled".formatted(activation));
    }
    return known.apply(activation);
  }

  private static Eltwise leaky(double slope) {
    if (slope < 0) {
      throw new NotCompilableException(
          "its activation's slope is %s, compiled are slopes of at least 0".formatted(slope));
    }
    return Eltwise.relu(slope);
  }
}
