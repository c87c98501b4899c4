package org.murmuration.worker.model;

import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.murmuration.worker.accel.graph.Compilable;
import org.murmuration.worker.accel.graph.LayerSite;
import org.murmuration.worker.accel.op.ToneCurveOp;
import org.murmuration.worker.accel.plan.Value;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A curve for each channel of images, learned from the straight line y = x: for knots t_k evenly
 * apart from {@code from} on and below {@code to}, y = x + sum over k of s_k max(0, x - t_k). The
 * slopes s_k start at 0, so that what shrinks weights pulls the curve to the line. They are one
 * parameter, {@code W}, [knots, channels].
 */
public final class ToneCurveLayer extends BaseLayer implements Compilable {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int channels;
  @JsonProperty private int knots;
  @JsonProperty private double from;
  @JsonProperty private double to;

  /** For Jackson, which fills it. */
  ToneCurveLayer() {}

  /**
   * @param channels of the images
   * @param knots how many, at least 1
   * @param from the first knot
   * @param to behind the last knot
   * @param updater how the slopes learn
   * @param regularization what is done to the slopes beside
   */
  ToneCurveLayer(
      int channels,
      int knots,
      double from,
      double to,
      IUpdater updater,
      List<Regularization> regularization) {
    this.channels = channels;
    this.knots = knots;
    this.from = from;
    this.to = to;
    setIUpdater(updater);
    setRegularization(regularization);
    setRegularizationBias(List.of());
    setActivationFn(new ActivationIdentity());
    setWeightInitFn(new WeightInitConstant(0));
  }

  int channels() {
    return channels;
  }

  int knots() {
    return knots;
  }

  /** Where the knots are. */
  float[] places() {
    var places = new float[knots];
    for (int k = 0; k < knots; k++) {
      places[k] = (float) (from + (to - from) * k / knots);
    }
    return places;
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    var layer = new ToneCurveComputation(conf, networkDataType);
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(layerParamsView);
    layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return ToneCurveParameters.INSTANCE;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // The channels are said when it is made.
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public boolean isPretrainParam(String paramName) {
    return false;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    long parameters = (long) channels * knots;
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, inputType)
        .standardMemory(parameters, parameters)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  /**
   * @throws IllegalArgumentException if the input is not an image of as many channels
   */
  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    if (!(inputType instanceof InputTypeConvolutional image) || image.getChannels() != channels) {
      throw new IllegalArgumentException(
          "layer %s has curves for images of %d channels, but its input is %s"
              .formatted(getLayerName(), channels, inputType));
    }
    return inputType;
  }

  @Override
  public Value compile(LayerSite site) {
    var image = site.images();
    return site.add(
        new ToneCurveOp(
            site.name(),
            image,
            site.value(image.shape()),
            site.parameter(ToneCurveParameters.SLOPES, knots, channels),
            places(),
            !site.learns()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ToneCurveLayer that
        && super.equals(that)
        && channels == that.channels
        && knots == that.knots
        && Double.compare(from, that.from) == 0
        && Double.compare(to, that.to) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 31 * channels + knots;
  }
}
