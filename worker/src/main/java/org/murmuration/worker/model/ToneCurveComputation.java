package org.murmuration.worker.model;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a {@link ToneCurveLayer} computes where DL4J runs it, one ND4J operation after the other.
 */
final class ToneCurveComputation extends BaseLayer<ToneCurveLayer> {
  private static final long serialVersionUID = 1L;

  ToneCurveComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    var x = input.castTo(dataType);
    var y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    y.assign(x);
    var places = layerConf().places();
    for (int k = 0; k < places.length; k++) {
      y.addi(hinge(x, places[k]).muli(slopes(k)));
    }
    return y;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    var x = input.castTo(dataType);
    var channels = layerConf().channels();
    var derivative = x.like().addi(1);
    var places = layerConf().places();
    var slopes = Nd4j.create(dataType, places.length, channels);
    for (int k = 0; k < places.length; k++) {
      slopes.putRow(k, hinge(x, places[k]).muli(epsilon).sum(0, 2, 3));
      derivative.addi(x.gt(places[k]).castTo(dataType).muli(slopes(k)));
    }
    var learned = gradientViews.get(ToneCurveParameters.SLOPES);
    learned.assign(slopes);
    var gradient = new DefaultGradient();
    gradient.setGradientFor(ToneCurveParameters.SLOPES, learned);
    var before =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    before.assign(derivative.muli(epsilon));
    return new Pair<>(gradient, before);
  }

  /** max(0, x - place). */
  private INDArray hinge(INDArray x, float place) {
    return x.sub(place).muli(x.gt(place).castTo(dataType));
  }

  /** Of one knot, channel by channel. Of a copy: ND4J doesn't find rows in views of views. */
  private INDArray slopes(int knot) {
    var all = params.get(ToneCurveParameters.SLOPES).dup('c');
    return all.getRow(knot).reshape(1, layerConf().channels(), 1, 1);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
