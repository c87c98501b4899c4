package org.murmuration.worker.model;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;

/**
 * One layer of a network as a job file names it. Images are NCHW; sizes are in pixels; a kernel, a
 * stride and a padding are square. The input size of every layer follows from the layer before it.
 * Values are checked by {@link NetworkBuilder}, which knows the sizes.
 */
public sealed interface LayerSpec {

  /** The word that names this type of layer; the layers of a graph are named type plus counter. */
  default String typeName() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Whether the data decides about it, and has yet to. */
  default boolean isUpToData() {
    return false;
  }

  /** Whether it changes images in training alone. */
  default boolean isIdleInUse() {
    return false;
  }

  /** The layer as the data decides, which is the layer itself if it doesn't. */
  default LayerSpec decidedBy(PixelNorm norm) {
    return this;
  }

  /** Calls the method of the visitor for this type of layer. */
  <R> R accept(LayerVisitor<R> visitor);

  /**
   * {@code (x - mean[c]) / std[c]} for every channel c; a list of length one serves all channels.
   */
  record Normalize(List<Double> mean, List<Double> std) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.normalize(this);
    }
  }

  /** {@link Normalize} by what the training images are; see {@link PixelNorm}. */
  record NormalizeByData() implements LayerSpec {
    @Override
    public String typeName() {
      return "normalize";
    }

    @Override
    public boolean isUpToData() {
      return true;
    }

    @Override
    public LayerSpec decidedBy(PixelNorm norm) {
      return new Normalize(norm.mean(), norm.std());
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.normalizeByData(this);
    }
  }

  /**
   * How what a layer has learned moves away from what it started as.
   *
   * @param rateFactor times the optimizer's learning rate; 0 leaves the layer as it starts
   * @param weightDecay pulls to what it started as, as an L2 penalty
   */
  record Learning(double rateFactor, double weightDecay) {
    /** Without a penalty. */
    public static Learning at(double rateFactor) {
      return new Learning(rateFactor, 0);
    }
  }

  /**
   * {@code y = a[c] x + b[c]} for every channel c, with {@code a} and {@code b} learned, starting
   * at 1 and 0. After {@link Normalize} it learns mean and scale.
   */
  record ChannelAffine(Learning learning) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.channelAffine(this);
    }
  }

  /**
   * {@code y = A x + b} for the channels of every pixel, with the matrix and the vector learned,
   * starting at the identity and 0.
   */
  record ColorTransform(Learning learning) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.colorTransform(this);
    }
  }

  /**
   * {@link ColorTransform} that starts as what makes the channels of training pixels uncorrelated,
   * with the mean 0 and the variance 1.
   *
   * @param start the matrix, and what is added last in each row, which the data decides; see {@link
   *     PixelNorm}; of one channel for any number, each alone
   */
  record Whiten(Whitening how, Learning learning, Optional<List<List<Double>>> start)
      implements LayerSpec {
    @Override
    public boolean isUpToData() {
      return start.isEmpty();
    }

    @Override
    public LayerSpec decidedBy(PixelNorm norm) {
      return new Whiten(how, learning, Optional.of(Whitener.of(norm, how)));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.whiten(this);
    }
  }

  /**
   * How whitening is done.
   *
   * @param epsilon added to the variance of each component
   */
  record Whitening(WhiteningKind kind, double epsilon) {}

  /**
   * A curve for each channel, learned from the straight line: see {@link ToneCurveLayer}.
   *
   * @param knots where the curve may bend, evenly apart in [from, to)
   */
  record ToneCurve(int knots, double from, double to, Learning learning) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.toneCurve(this);
    }
  }

  /**
   * Random changes of training images, whose magnitudes are learned: see {@link AugmentLayer}.
   *
   * @param magnitudes at first, of the changes that are made
   * @param rateFactor times the optimizer's learning rate; 0 leaves the magnitudes as they are
   * @param spread how much the loss of an image may grow where a magnitude grows by 1
   */
  record LearnedAugment(Map<Change, Double> magnitudes, double rateFactor, double spread)
      implements LayerSpec {
    /** Copies the magnitudes. */
    public LearnedAugment {
      magnitudes = Map.copyOf(magnitudes);
    }

    @Override
    public boolean isIdleInUse() {
      return true;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.learnedAugment(this);
    }
  }

  /** Images of any size made ones of this size, by linear interpolation. */
  record Resize(int height, int width) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.resize(this);
    }
  }

  /**
   * Images of any size made ones of this size by a small network: see {@link LearnedResizer}.
   *
   * @param filters of its convolutions
   * @param blocks residual blocks
   * @param rateFactor times the optimizer's learning rate; 0 leaves it as it starts
   */
  record LearnedResize(int height, int width, int filters, int blocks, double rateFactor)
      implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.learnedResize(this);
    }
  }

  /** {@code x / divisor}, what turns bytes 0..255 into 0..1. */
  record Scale(double divisor) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.scale(this);
    }
  }

  /**
   * 2-d convolution. {@code same} gives an output of ceil(size / stride), padding with zeros as
   * evenly as it can, and ignores {@code padding}. Otherwise the output size is floor((size + 2
   * padding - kernel) / stride) + 1.
   */
  record Conv(
      int filters,
      int kernel,
      int stride,
      int padding,
      boolean same,
      boolean bias,
      ActivationKind activation)
      implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.conv(this);
    }
  }

  /**
   * A convolution whose filters start as something known, and learn freely.
   *
   * @param rateFactor times the optimizer's learning rate; 0 leaves it as it is
   */
  record StatedConv(Conv conv, Start start, double rateFactor) implements LayerSpec {
    @Override
    public String typeName() {
      return start.typeName;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.statedConv(this);
    }
  }

  /**
   * A convolution whose filters start as Gabor functions and stay such: see {@link GaborLayer}.
   *
   * @param conv the convolution, which has a bias
   */
  record GaborWaves(Conv conv, Learning learning) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.gaborWaves(this);
    }
  }

  /** What filters start as. */
  enum Start {
    /** Gabor functions: see {@link GaborInit}. */
    GABOR("gaborconv"),
    /** 0, the bias too, so that nothing comes out at first. */
    ZERO("zeroconv");

    private final String typeName;

    Start(String typeName) {
      this.typeName = typeName;
    }
  }

  /**
   * Max or average pooling. Padding is never the maximum and does not count in an average's
   * divisor.
   */
  record Pool(PoolKind kind, int kernel, int stride, int padding) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.pool(this);
    }
  }

  /** The mean of every channel over all pixels: [N, C, H, W] becomes [N, C]. */
  record GlobalAveragePool() implements LayerSpec {
    @Override
    public String typeName() {
      return "globalpool";
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.globalAveragePool(this);
    }
  }

  /**
   * Batch normalisation over N, H, W (or N after a dense layer).
   *
   * @param epsilon added to the variance
   * @param decay the share of the old running mean and variance that a step keeps; PyTorch's {@code
   *     momentum} is one minus this
   */
  record BatchNorm(double epsilon, double decay) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.batchNorm(this);
    }
  }

  /** An activation function on its own. */
  record Activation(ActivationKind kind) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.activation(this);
    }
  }

  /** Fully connected layer; flattens what comes in, channel by channel, row by row. */
  record Dense(int units, boolean bias, ActivationKind activation) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.dense(this);
    }
  }

  /** Drops a value with this probability while training and scales the others by 1/(1-p). */
  record Dropout(double probability) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.dropout(this);
    }
  }

  /**
   * The activation functions that a job file can name: {@code LEAKY_RELU} has slope 0.01, {@code
   * ELU} alpha 1, {@code SWISH} is x sigmoid(x), and {@code GELU} is the sigmoid approximation x
   * sigmoid(1.702 x) of Hendrycks and Gimpel 2016.
   */
  enum ActivationKind {
    IDENTITY,
    RELU,
    LEAKY_RELU,
    ELU,
    GELU,
    SWISH,
    TANH,
    SIGMOID
  }

  /** The kinds of pooling. */
  enum PoolKind {
    MAX,
    AVERAGE
  }

  /**
   * The kinds of whitening: {@code ZCA} keeps channels as near to what they were as can be, {@code
   * PCA} makes them the principal components.
   */
  enum WhiteningKind {
    ZCA,
    PCA
  }
}
