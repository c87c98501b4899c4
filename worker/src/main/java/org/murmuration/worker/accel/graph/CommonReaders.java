package org.murmuration.worker.accel.graph;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.murmuration.worker.accel.onednn.InnerProduct;
import org.murmuration.worker.accel.op.Affine;
import org.murmuration.worker.accel.op.BatchNormOp;
import org.murmuration.worker.accel.op.PassOp;
import org.murmuration.worker.accel.op.ProductOp;
import org.murmuration.worker.accel.op.RunningStatistics;
import org.murmuration.worker.accel.plan.Value;

/** Reads the layers that don't care whether they see images. */
final class CommonReaders {

  private CommonReaders() {}

  static Value dense(LayerSite site, DenseLayer conf) {
    if (conf.hasLayerNorm()) {
      throw new NotCompilableException("it has a layer normalisation");
    }
    return site.activated(product(site, conf), conf.getActivationFn());
  }

  /** Rows times weights, which DL4J keeps as [in, out] column by column: [out, in] row by row. */
  static Value product(LayerSite site, FeedForwardLayer conf) {
    var rows = site.rows();
    var weights = site.parameter(DefaultParamInitializer.WEIGHT_KEY, conf.getNOut(), rows.size(1));
    var bias = site.ifPresent(DefaultParamInitializer.BIAS_KEY, conf.getNOut());
    return site.add(
        new ProductOp(
            site.name(),
            rows,
            site.value(rows.size(0), conf.getNOut()),
            new InnerProduct(),
            weights,
            bias,
            !site.learns()));
  }

  static Value batchNormalization(LayerSite site, BatchNormalization conf) {
    ConvolutionReaders.requireChannelsFirst(conf.getCnn2DFormat());
    var input = site.input();
    long channels = input.size(1);
    var scale =
        conf.isLockGammaBeta()
            ? Affine.constant(channels, conf.getGamma())
            : Affine.of(site.parameter(BatchNormalizationParamInitializer.GAMMA, channels));
    var shift =
        conf.isLockGammaBeta()
            ? Affine.constant(channels, conf.getBeta())
            : Affine.of(site.parameter(BatchNormalizationParamInitializer.BETA, channels));
    var running =
        new RunningStatistics(
            site.parameter(BatchNormalizationParamInitializer.GLOBAL_MEAN, channels),
            site.parameter(
                conf.isUseLogStd()
                    ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                    : BatchNormalizationParamInitializer.GLOBAL_VAR,
                channels),
            conf.isUseLogStd(),
            conf.getDecay());
    var settings = new BatchNormOp.Settings(scale, shift, running, conf.getEps(), !site.learns());
    return site.add(new BatchNormOp(site.name(), input, site.value(input.shape()), settings));
  }

  static Value activation(LayerSite site, ActivationLayer conf) {
    return site.activated(site.input(), conf.getActivationFn());
  }

  /** The dropout itself is what every layer may have before it. */
  static Value dropout(LayerSite site, DropoutLayer conf) {
    return site.add(
        PassOp.identity(conf.getLayerName(), site.input(), site.value(site.input().shape())));
  }
}
