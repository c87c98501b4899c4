package org.murmuration.worker.model;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/** From one layer as described to what is added to a graph for it. */
final class LayerConverter implements LayerVisitor<LayerConverter.Addition> {

  /** Adds what was described. */
  @FunctionalInterface
  interface Addition {
    void to(GraphAssembler graph);
  }

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
  record Converted(Layer layer, FeatureShape output, Memory memory) {}

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
  public Addition normalize(LayerSpec.Normalize spec) {
    return perChannel(spec.mean(), "std", spec.std());
  }

  @Override
  public Addition normalizeByData(LayerSpec.NormalizeByData spec) {
    throw site.refuse(
        "mean = data belongs into preprocess.layers, where what is known of the data is filled in");
  }

  @Override
  public Addition scale(LayerSpec.Scale spec) {
    return perChannel(List.of(0.0), "divisor", List.of(spec.divisor()));
  }

  private Addition one(Layer layer, FeatureShape output) {
    return one(layer, output, Memory.COPIES);
  }

  private Addition one(Layer layer, FeatureShape output, Memory memory) {
    return graph -> graph.append(site, new Converted(layer, output, memory));
  }

  @Override
  public Addition channelAffine(LayerSpec.ChannelAffine spec) {
    return color(ColorLayer.identity(site.image().channels()), true, spec.learning());
  }

  @Override
  public Addition colorTransform(LayerSpec.ColorTransform spec) {
    return color(ColorLayer.identity(site.image().channels()), false, spec.learning());
  }

  @Override
  public Addition whiten(LayerSpec.Whiten spec) {
    var start =
        spec.start()
            .orElseThrow(
                () ->
                    site.refuse(
                        "whiten belongs into preprocess.layers, where what is known of the data is"
                            + " filled in"));
    return color(Whitener.forChannels(start, site), false, spec.learning());
  }

  private Addition color(double[][] start, boolean diagonal, LayerSpec.Learning learning) {
    return one(new ColorLayer(start, diagonal, learning(learning)), site.input());
  }

  @Override
  public Addition toneCurve(LayerSpec.ToneCurve spec) {
    site.require(spec.knots() >= 1, "knots must be at least 1", spec.knots());
    site.require(spec.from() < spec.to(), "from must be less than to", spec.from());
    int channels = site.image().channels();
    return one(
        new ToneCurveLayer(
            channels, spec.knots(), spec.from(), spec.to(), learning(spec.learning())),
        site.input());
  }

  @Override
  public Addition learnedAugment(LayerSpec.LearnedAugment spec) {
    spec.magnitudes()
        .forEach(
            (change, magnitude) ->
                site.require(
                    magnitude >= 0 && Double.isFinite(magnitude),
                    "the magnitude of %s must be >= 0".formatted(change),
                    magnitude));
    site.require(!spec.magnitudes().isEmpty(), "some change must be named", "none");
    site.require(spec.spread() >= 0, "spread must be >= 0", spec.spread());
    List<Regularization> reward =
        spec.spread() == 0 ? List.of() : List.of(new L1Regularization(-spec.spread()));
    var learning = learning(spec.rateFactor(), reward);
    return one(
        new AugmentLayer(site.image().channels(), spec.magnitudes(), learning), site.input());
  }

  @Override
  public Addition resize(LayerSpec.Resize spec) {
    int channels = site.image().channels();
    site.require(spec.height() >= 1, "height must be at least 1", spec.height());
    site.require(spec.width() >= 1, "width must be at least 1", spec.width());
    return one(
        new ResizeLayer(channels, spec.height(), spec.width()),
        FeatureShape.image(channels, spec.height(), spec.width()));
  }

  @Override
  public Addition learnedResize(LayerSpec.LearnedResize spec) {
    site.require(spec.filters() >= 1, "filters must be at least 1", spec.filters());
    site.require(spec.blocks() >= 0, "blocks must be at least 0", spec.blocks());
    requireFactor(spec.rateFactor());
    return graph -> new LearnedResizer(graph, site).append(spec);
  }

  private KernelLayer.Learning learning(LayerSpec.Learning spec) {
    site.require(spec.weightDecay() >= 0, "weight-decay must be >= 0", spec.weightDecay());
    return learning(
        spec.rateFactor(),
        spec.weightDecay() == 0 ? List.of() : List.of(new L2Regularization(spec.weightDecay())));
  }

  /** What doesn't learn isn't pulled anywhere either. */
  private KernelLayer.Learning learning(double rateFactor, List<Regularization> regularization) {
    boolean fixed = rateFactor == 0;
    return new KernelLayer.Learning(updater(rateFactor), fixed ? List.of() : regularization, fixed);
  }

  private IUpdater updater(double factor) {
    requireFactor(factor);
    return updaters.apply(factor);
  }

  private void requireFactor(double factor) {
    site.require(
        factor >= 0 && Double.isFinite(factor), "learning-rate-factor must be >= 0", factor);
  }

  private Addition perChannel(List<Double> mean, String divisor, List<Double> std) {
    int channels = site.image().channels();
    double[] means = forChannels("mean", mean, channels);
    double[] stds = forChannels(divisor, std, channels);
    for (double value : stds) {
      site.require(value > 0, divisor + " must be > 0", value);
    }
    return one(new NormalizeLayer(means, stds), site.input());
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
  public Addition conv(LayerSpec.Conv spec) {
    FeatureShape output = convolved(spec);
    return one(convolution(spec).build(), output);
  }

  @Override
  public Addition statedConv(LayerSpec.StatedConv spec) {
    FeatureShape output = convolved(spec.conv());
    var builder = convolution(spec.conv());
    builder.weightInit(start(spec.start())).updater(updater(spec.rateFactor()));
    return one(builder.build(), output);
  }

  /** What its activation does is a layer of its own. */
  @Override
  public Addition gaborWaves(LayerSpec.GaborWaves spec) {
    var conv = spec.conv();
    var output = convolved(conv);
    var layer =
        new GaborLayer(
            site.image().channels(), conv.filters(), window(conv), learning(spec.learning()));
    var waves = one(layer, output);
    return conv.activation() == ActivationKind.IDENTITY
        ? waves
        : graph -> {
          waves.to(graph);
          graph.add(site.place(), new LayerSpec.Activation(conv.activation()));
        };
  }

  private static IWeightInit start(LayerSpec.Start start) {
    return switch (start) {
      case GABOR -> new GaborInit();
      case ZERO -> new WeightInitConstant(0);
    };
  }

  private FeatureShape convolved(LayerSpec.Conv spec) {
    site.require(spec.filters() >= 1, "filters must be at least 1", spec.filters());
    return window(spec).outputAt(site, spec.filters());
  }

  private static WindowGeometry window(LayerSpec.Conv spec) {
    return new WindowGeometry(spec.kernel(), spec.stride(), padding(spec), spec.same());
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
  public Addition pool(LayerSpec.Pool spec) {
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
    return one(layer, output);
  }

  @Override
  public Addition globalAveragePool(LayerSpec.GlobalAveragePool spec) {
    return one(
        new GlobalPoolingLayer(PoolingType.AVG), FeatureShape.vector(site.image().channels()));
  }

  @Override
  public Addition batchNorm(LayerSpec.BatchNorm spec) {
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
    return one(layer, site.input());
  }

  @Override
  public Addition activation(LayerSpec.Activation spec) {
    return one(new ActivationLayer(activation(spec.kind())), site.input(), Memory.OVERWRITES);
  }

  @Override
  public Addition dense(LayerSpec.Dense spec) {
    site.require(spec.units() >= 1, "units must be at least 1", spec.units());
    Layer layer =
        new DenseLayer.Builder()
            .nOut(spec.units())
            .hasBias(spec.bias())
            .activation(activation(spec.activation()))
            .regularization(weightDecay)
            .build();
    return one(layer, FeatureShape.vector(spec.units()));
  }

  @Override
  public Addition dropout(LayerSpec.Dropout spec) {
    double probability = spec.probability();
    site.require(
        probability >= 0 && probability < 1, "probability must be at least 0 and < 1", probability);
    // DL4J takes the probability of keeping a value.
    return one(new DropoutLayer(1 - probability), site.input(), Memory.PASSES_ON);
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
