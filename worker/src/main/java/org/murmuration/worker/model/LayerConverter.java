package org.murmuration.worker.model;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/** From one layer as described to DL4J's configuration of it and the size of its output. */
final class LayerConverter implements LayerSpec.Visitor<LayerConverter.Converted> {

  /** What DL4J's layer does at inference with the array that it reads. */
  enum Memory {
    /** The output is an array of its own. */
    COPIES,
    /** The output is the input. */
    PASSES_ON,
    /** The output is written over the input. */
    OVERWRITES
  }

  /** A DL4J layer, the size of what it puts out, and where it writes it. */
  record Converted(Layer layer, FeatureShape output, Memory memory) {
    Converted(Layer layer, FeatureShape output) {
      this(layer, output, Memory.COPIES);
    }
  }

  private final LayerSite site;
  private final List<Regularization> weightDecay;
  private final DoubleFunction<IUpdater> updaters;

  /**
   * @param weightDecay what a layer does to its weights beside the gradient
   * @param updaters of parameters whose learning rate is the job's times a factor
   */
  LayerConverter(
      LayerSite site, List<Regularization> weightDecay, DoubleFunction<IUpdater> updaters) {
    this.site = site;
    this.weightDecay = weightDecay;
    this.updaters = updaters;
  }

  @Override
  public Converted normalize(LayerSpec.Normalize spec) {
    return perChannel(spec.mean(), "std", spec.std());
  }

  @Override
  public Converted normalizeByData(LayerSpec.NormalizeByData spec) {
    throw site.refuse(
        "mean = data belongs into preprocess.layers, where what is known of the data is filled in");
  }

  @Override
  public Converted scale(LayerSpec.Scale spec) {
    return perChannel(List.of(0.0), "divisor", List.of(spec.divisor()));
  }

  @Override
  public Converted channelAffine(LayerSpec.ChannelAffine spec) {
    Layer layer =
        new DepthwiseConvolution2D.Builder(square(1), square(1))
            .depthMultiplier(1)
            .nOut(site.image().channels())
            .hasBias(true)
            .activation(Activation.IDENTITY)
            .weightInit(new WeightInitConstant(1))
            .updater(updater(spec.learningRateFactor()))
            .build();
    return new Converted(layer, site.input());
  }

  /** A convolution of one pixel is just that. */
  @Override
  public Converted colorTransform(LayerSpec.ColorTransform spec) {
    Layer layer =
        new ConvolutionLayer.Builder(square(1), square(1))
            .nOut(site.image().channels())
            .hasBias(true)
            .activation(Activation.IDENTITY)
            .weightInit(new IdentityInit())
            .updater(updater(spec.learningRateFactor()))
            .build();
    return new Converted(layer, site.input());
  }

  @Override
  public Converted toneCurve(LayerSpec.ToneCurve spec) {
    site.require(spec.knots() >= 1, "knots must be at least 1", spec.knots());
    site.require(spec.from() < spec.to(), "from must be less than to", spec.from());
    site.require(spec.weightDecay() >= 0, "weight-decay must be >= 0", spec.weightDecay());
    Layer layer =
        new ToneCurveLayer(
            site.image().channels(),
            spec.knots(),
            spec.from(),
            spec.to(),
            updater(spec.learningRateFactor()),
            spec.weightDecay() == 0
                ? List.of()
                : List.of(new L2Regularization(spec.weightDecay())));
    return new Converted(layer, site.input());
  }

  private IUpdater updater(double factor) {
    site.require(
        factor >= 0 && Double.isFinite(factor), "learning-rate-factor must be >= 0", factor);
    return updaters.apply(factor);
  }

  private Converted perChannel(List<Double> mean, String divisor, List<Double> std) {
    int channels = site.image().channels();
    double[] means = forChannels("mean", mean, channels);
    double[] stds = forChannels(divisor, std, channels);
    for (double value : stds) {
      site.require(value > 0, divisor + " must be > 0", value);
    }
    return new Converted(new NormalizeLayer(means, stds), site.input());
  }

  private double[] forChannels(String what, List<Double> values, int channels) {
    if (values.size() != 1 && values.size() != channels) {
      throw site.refuse(
          "%s has %d values for %d channels; give one value or one for every channel"
              .formatted(what, values.size(), channels));
    }
    for (double value : values) {
      site.require(Double.isFinite(value), what + " must be finite", value);
    }
    return values.size() == channels
        ? values.stream().mapToDouble(Double::doubleValue).toArray()
        : DoubleStream.generate(() -> values.get(0)).limit(channels).toArray();
  }

  @Override
  public Converted conv(LayerSpec.Conv spec) {
    FeatureShape output = convolved(spec);
    return new Converted(convolution(spec).build(), output);
  }

  @Override
  public Converted gaborConv(LayerSpec.GaborConv spec) {
    FeatureShape output = convolved(spec.conv());
    var builder = convolution(spec.conv());
    builder.weightInit(new GaborInit()).updater(updater(spec.learningRateFactor()));
    return new Converted(builder.build(), output);
  }

  private FeatureShape convolved(LayerSpec.Conv spec) {
    site.require(spec.filters() >= 1, "filters must be at least 1", spec.filters());
    return new WindowGeometry(spec.kernel(), spec.stride(), padding(spec), spec.same())
        .outputAt(site, spec.filters());
  }

  private ConvolutionLayer.Builder convolution(LayerSpec.Conv spec) {
    var builder =
        new ConvolutionLayer.Builder(
            square(spec.kernel()), square(spec.stride()), square(padding(spec)));
    builder
        .convolutionMode(spec.same() ? ConvolutionMode.Same : ConvolutionMode.Truncate)
        .nOut(spec.filters())
        .hasBias(spec.bias())
        .activation(activation(spec.activation()))
        .regularization(weightDecay);
    return builder;
  }

  private static int padding(LayerSpec.Conv spec) {
    return spec.same() ? 0 : spec.padding();
  }

  @Override
  public Converted pool(LayerSpec.Pool spec) {
    FeatureShape output =
        new WindowGeometry(spec.kernel(), spec.stride(), spec.padding(), false)
            .outputAt(site, site.input().channels());
    if (spec.padding() >= spec.kernel()) {
      throw site.refuse(
          ("padding must be smaller than the kernel, or a window sees nothing but padding, but"
                  + " padding is %d and kernel %d")
              .formatted(spec.padding(), spec.kernel()));
    }
    Layer layer =
        new SubsamplingLayer.Builder(
                poolingType(spec.kind()),
                square(spec.kernel()),
                square(spec.stride()),
                square(spec.padding()))
            .convolutionMode(ConvolutionMode.Truncate)
            .build();
    return new Converted(layer, output);
  }

  @Override
  public Converted globalAveragePool(LayerSpec.GlobalAveragePool spec) {
    return new Converted(
        new GlobalPoolingLayer(PoolingType.AVG), FeatureShape.vector(site.image().channels()));
  }

  @Override
  public Converted batchNorm(LayerSpec.BatchNorm spec) {
    site.require(spec.epsilon() > 0, "epsilon must be > 0", spec.epsilon());
    site.require(
        spec.decay() >= 0 && spec.decay() < 1, "decay must be at least 0 and < 1", spec.decay());
    // The variance itself, not its logarithm, so that averaging over ranks is exact.
    Layer layer =
        new BatchNormalization.Builder()
            .eps(spec.epsilon())
            .decay(spec.decay())
            .useLogStd(false)
            .build();
    return new Converted(layer, site.input());
  }

  @Override
  public Converted activation(LayerSpec.Activation spec) {
    return new Converted(
        new ActivationLayer(activation(spec.kind())), site.input(), Memory.OVERWRITES);
  }

  @Override
  public Converted dense(LayerSpec.Dense spec) {
    site.require(spec.units() >= 1, "units must be at least 1", spec.units());
    Layer layer =
        new DenseLayer.Builder()
            .nOut(spec.units())
            .hasBias(spec.bias())
            .activation(activation(spec.activation()))
            .regularization(weightDecay)
            .build();
    return new Converted(layer, FeatureShape.vector(spec.units()));
  }

  @Override
  public Converted dropout(LayerSpec.Dropout spec) {
    double probability = spec.probability();
    site.require(
        probability >= 0 && probability < 1, "probability must be at least 0 and < 1", probability);
    // DL4J takes the probability of keeping a value.
    return new Converted(new DropoutLayer(1 - probability), site.input(), Memory.PASSES_ON);
  }

  private static int[] square(int size) {
    return new int[] {size, size};
  }

  private static SubsamplingLayer.PoolingType poolingType(PoolKind kind) {
    return switch (kind) {
      case MAX -> SubsamplingLayer.PoolingType.MAX;
      case AVERAGE -> SubsamplingLayer.PoolingType.AVG;
    };
  }

  private static Activation activation(ActivationKind kind) {
    return switch (kind) {
      case IDENTITY -> Activation.IDENTITY;
      case RELU -> Activation.RELU;
      case LEAKY_RELU -> Activation.LEAKYRELU;
      case ELU -> Activation.ELU;
      case GELU -> Activation.GELU;
      case SWISH -> Activation.SWISH;
      case TANH -> Activation.TANH;
      case SIGMOID -> Activation.SIGMOID;
    };
  }
}
