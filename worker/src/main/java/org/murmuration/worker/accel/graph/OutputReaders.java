package org.murmuration.worker.accel.graph;

import java.util.Set;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.murmuration.worker.accel.op.Dl4jLossOp;
import org.murmuration.worker.accel.op.SoftmaxLossOp;
import org.murmuration.worker.accel.op.SoftmaxOp;
import org.murmuration.worker.accel.plan.Value;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** Reads the layers that compare with labels in training and apply their activation otherwise. */
final class OutputReaders {

  /** One is the other by another name; the sparse kind wants other labels. */
  private static final Set<Class<?>> CROSS_ENTROPIES =
      Set.of(LossMCXENT.class, LossNegativeLogLikelihood.class);

  private OutputReaders() {}

  static Value output(LayerSite site, OutputLayer conf) {
    return loss(site, CommonReaders.product(site, conf), conf.getActivationFn(), conf.getLossFn());
  }

  static Value loss(LayerSite site, LossLayer conf) {
    return loss(site, site.rows(), conf.getActivationFn(), conf.getLossFn());
  }

  static Value pixelLoss(LayerSite site, CnnLossLayer conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getFormat());
    return loss(site, site.images(), conf.getActivationFn(), conf.getLossFn());
  }

  private static Value loss(
      LayerSite site, Value logits, IActivation activation, ILossFunction loss) {
    logits.keepExact();
    var output = site.value(logits.shape());
    if (!site.role().training()) {
      return Activations.isSoftmax(activation)
          ? site.add(new SoftmaxOp(site.name(), logits, output))
          : site.activated(logits, activation);
    }
    int labels = site.role().output();
    return site.add(
        isCrossEntropy(activation, loss)
            ? new SoftmaxLossOp(
                site.name(), logits, output, labels, ((LossMCXENT) loss).getSoftmaxClipEps())
            : new Dl4jLossOp(site.name(), logits, output, labels, activation, loss));
  }

  private static boolean isCrossEntropy(IActivation activation, ILossFunction loss) {
    return Activations.isSoftmax(activation)
        && CROSS_ENTROPIES.contains(loss.getClass())
        && ((LossMCXENT) loss).getWeights() == null;
  }
}
