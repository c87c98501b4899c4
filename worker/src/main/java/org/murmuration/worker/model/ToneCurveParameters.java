package org.murmuration.worker.model;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parameter of a {@link ToneCurveLayer}, [knots, channels] row by row. */
enum ToneCurveParameters implements ParamInitializer {
  INSTANCE;

  static final String SLOPES = DefaultParamInitializer.WEIGHT_KEY;

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    var curve = (ToneCurveLayer) layer;
    return (long) curve.knots() * curve.channels();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return List.of(SLOPES);
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return List.of(SLOPES);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return SLOPES.equals(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    if (initializeParams) {
      paramsView.assign(0);
    }
    conf.addVariable(SLOPES);
    return getGradientsFromFlattened(conf, paramsView);
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    var curve = (ToneCurveLayer) conf.getLayer();
    return Map.of(SLOPES, gradientView.reshape('c', curve.knots(), curve.channels()));
  }
}
