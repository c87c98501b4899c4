package org.murmuration.worker.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
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
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.murmuration.worker.accel.op.KernelOp;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A layer of images that an {@link ImageKernel} computes, compiled and in DL4J. All that it learns
 * is one parameter, {@code W}, in a row; it starts as the layer says, not at random.
 */
abstract class KernelLayer extends BaseLayer implements Compilable {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int channels;
  @JsonProperty private boolean fixed;

  /** For Jackson, which fills it. */
  KernelLayer() {}

  /**
   * @param channels of the images
   * @param learning how its parameters learn
   */
  KernelLayer(int channels, Learning learning) {
    this.channels = channels;
    this.fixed = learning.fixed;
    setIUpdater(learning.updater);
    setRegularization(learning.regularization);
    setRegularizationBias(List.of());
    setActivationFn(new ActivationIdentity());
    setWeightInitFn(new WeightInitConstant(0));
  }

  /**
   * How parameters learn.
   *
   * @param updater of the parameters
   * @param regularization what is done to them beside
   * @param fixed whether they stay as they are, so that nobody needs their gradient
   */
  record Learning(IUpdater updater, List<Regularization> regularization, boolean fixed) {}

  /** What the layer says about a number that it has learned. */
  record Reading(String name, double value) {}

  /** What computes images of a size. */
  abstract ImageKernel kernel(ImageSize size);

  /** What the parameters are at first. */
  abstract float[] start();

  /** What parameters mean, in any order. */
  abstract List<Reading> read(float... parameters);

  /** Whether it does nothing but in training. */
  boolean idleInUse() {
    return false;
  }

  /** Of the images. */
  final int channels() {
    return channels;
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    var layer = new KernelComputation(conf, networkDataType);
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(layerParamsView);
    layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public final ParamInitializer initializer() {
    return KernelParameters.INSTANCE;
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
    long parameters = start().length;
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
          "layer %s is for images of %d channels, but its input is %s"
              .formatted(getLayerName(), channels, inputType));
    }
    var output =
        kernel(
                new ImageSize(
                    channels,
                    Math.toIntExact(image.getHeight()),
                    Math.toIntExact(image.getWidth())))
            .output();
    return InputType.convolutional(output.height(), output.width(), output.channels());
  }

  @Override
  public Value compile(LayerSite site) {
    var image = site.images();
    if (idleInUse() && !site.learns()) {
      return image;
    }
    var size =
        new ImageSize(
            Math.toIntExact(image.size(1)),
            Math.toIntExact(image.size(2)),
            Math.toIntExact(image.size(3)));
    if (size.channels() != channels) {
      throw new NotCompilableException(
          "it is for %d channels, and its input has %d".formatted(channels, size.channels()));
    }
    var kernel = kernel(size);
    var out = kernel.output();
    int count = start().length;
    Optional<Parameter> parameters =
        count == 0
            ? Optional.empty()
            : Optional.of(site.parameter(KernelParameters.WEIGHTS, count));
    return site.add(
        new KernelOp(
            site.name(),
            image,
            site.value(image.size(0), out.channels(), out.height(), out.width()),
            kernel,
            parameters,
            fixed || !site.learns()));
  }

  @Override
  public boolean learns() {
    return !fixed;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KernelLayer that
        && super.equals(that)
        && channels == that.channels
        && fixed == that.fixed;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + channels;
  }
}
