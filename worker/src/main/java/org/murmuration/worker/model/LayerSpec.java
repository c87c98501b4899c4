package org.murmuration.worker.model;

import java.util.List;

/**
 * One layer of a network as a job file names it. Images are NCHW; sizes are in pixels; a kernel, a
 * stride and a padding are square. The input size of every layer follows from the layer before it.
 */
public sealed interface LayerSpec {

  /**
   * {@code (x - mean[c]) / std[c]} for every channel c; a list of length one serves all channels.
   */
  record Normalize(List<Double> mean, List<Double> std) implements LayerSpec {}

  /** {@code x / divisor}, what turns bytes 0..255 into 0..1. */
  record Scale(double divisor) implements LayerSpec {}

  /** 2-d convolution. {@code same} pads so that stride 1 keeps the size, and ignores padding. */
  record Conv(
      int filters,
      int kernel,
      int stride,
      int padding,
      boolean same,
      boolean bias,
      ActivationKind activation)
      implements LayerSpec {}

  /** Max or average pooling. */
  record Pool(PoolKind kind, int kernel, int stride, int padding) implements LayerSpec {}

  /** The mean of every channel over all pixels. */
  record GlobalAveragePool() implements LayerSpec {}

  /** Batch normalisation over N, H, W (or N after a dense layer). */
  record BatchNorm(double epsilon, double decay) implements LayerSpec {}

  /** An activation function on its own. */
  record Activation(ActivationKind kind) implements LayerSpec {}

  /** Fully connected layer; flattens what comes in. */
  record Dense(int units, boolean bias, ActivationKind activation) implements LayerSpec {}

  /** Drops a value with this probability while training and scales the others by 1/(1-p). */
  record Dropout(double probability) implements LayerSpec {}

  /** The activation functions that a job file can name. */
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
}
