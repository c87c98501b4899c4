package org.murmuration.worker.model;

import java.util.Arrays;
import java.util.Collection;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.murmuration.worker.accel.graph.Compilable;
import org.murmuration.worker.accel.graph.LayerSite;
import org.murmuration.worker.accel.op.NormalizeOp;
import org.murmuration.worker.accel.plan.Value;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A DL4J layer without parameters: y = (x - mean[c]) / std[c] for every channel c of NCHW images,
 * in this order and without a reciprocal, so that it rounds as PyTorch's Normalize does. It lives
 * in the graph and is saved with it, so a saved model reads raw pixels.
 */
public final class NormalizeLayer extends NoParamLayer implements Compilable {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final double[] mean;
  @JsonProperty private final double[] std;

  /**
   * @param mean what to subtract from each channel
   * @param std what to divide each channel by, in the same order
   * @throws IllegalArgumentException if there is no channel, the lengths differ or a divisor is 0
   */
  @JsonCreator
  public NormalizeLayer(@JsonProperty("mean") double[] mean, @JsonProperty("std") double[] std) {
    if (mean.length == 0 || mean.length != std.length) {
      throw new IllegalArgumentException(
          "mean and std need one value for every channel, but have %d and %d"
              .formatted(mean.length, std.length));
    }
    if (Arrays.stream(std).anyMatch(value -> value == 0)) {
      throw new IllegalArgumentException("std must not contain 0, but is " + Arrays.toString(std));
    }
    this.mean = mean.clone();
    this.std = std.clone();
  }

  /** A copy of what is subtracted from each channel. */
  public double[] mean() {
    return mean.clone();
  }

  /** A copy of what each channel is divided by. */
  public double[] std() {
    return std.clone();
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    NormalizeComputation layer = new NormalizeComputation(conf, networkDataType);
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    return layer;
  }

  @Override
  public Value compile(LayerSite site) {
    var image = site.images();
    requireChannels(image.size(1));
    return site.add(
        new NormalizeOp(site.name(), image, site.value(image.shape()), floats(mean), floats(std)));
  }

  private static float[] floats(double... values) {
    var floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /**
   * @throws IllegalArgumentException if the input is not an image of as many channels
   */
  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    if (!(inputType instanceof InputTypeConvolutional image)) {
      throw new IllegalArgumentException(
          "layer %s normalizes images, but its input is %s".formatted(getLayerName(), inputType));
    }
    requireChannels(image.getChannels());
    return inputType;
  }

  void requireChannels(long channels) {
    if (channels != mean.length) {
      throw new IllegalArgumentException(
          "layer %s normalizes %d channels, but its input has %d"
              .formatted(getLayerName(), mean.length, channels));
    }
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, inputType)
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public NormalizeLayer clone() {
    return (NormalizeLayer) super.clone();
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof NormalizeLayer;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NormalizeLayer that
        && super.equals(that)
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * super.hashCode() + Arrays.hashCode(mean)) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "NormalizeLayer(layerName=%s, mean=%s, std=%s)"
        .formatted(getLayerName(), Arrays.toString(mean), Arrays.toString(std));
  }
}
