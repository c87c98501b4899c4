package org.murmuration.worker.model;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The parameter of a {@link KernelLayer}, in a row; a layer that learns nothing has none. */
enum KernelParameters implements ParamInitializer {
  INSTANCE;

  static final String WEIGHTS = DefaultParamInitializer.WEIGHT_KEY;

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return ((KernelLayer) layer).start().length;
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return numParams(layer) == 0 ? List.of() : List.of(WEIGHTS);
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return paramKeys(layer);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return WEIGHTS.equals(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    if (numParams(conf) == 0) {
      return Map.of();
    }
    conf.addVariable(WEIGHTS);
    var table = getGradientsFromFlattened(conf, paramsView);
    if (initializeParams) {
      var start = ((KernelLayer) conf.getLayer()).start();
      table.get(WEIGHTS).assign(Nd4j.createFromArray(start).reshape(1, start.length));
    }
    return table;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    return numParams(conf) == 0
        ? Map.of()
        : Map.of(WEIGHTS, gradientView.reshape('c', 1, numParams(conf)));
  }
}
