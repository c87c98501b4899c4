package org.murmuration.worker.accel;

/**
 * Convolution and its gradients by their definition, in double precision, one sum after the other.
 * Arrays are row by row: images [N, C, H, W], weights [F, C, K, K], outputs [N, F, H', W'].
 */
final class ReferenceConvolution {
  final int samples;
  final int channels;
  final int size;
  final int filters;
  final int kernel;
  final int stride;
  final int padding;

  ReferenceConvolution(
      int samples, int channels, int size, int filters, int kernel, int stride, int padding) {
    this.samples = samples;
    this.channels = channels;
    this.size = size;
    this.filters = filters;
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /** One product of the sum that convolution is. */
  private interface Term {
    void at(int input, int weight, int output);
  }

  int outputSize() {
    return (size + 2 * padding - kernel) / stride + 1;
  }

  double[] outputs(double[] inputs, double[] weights, double[] biases) {
    var outputs = new double[samples * filters * outputSize() * outputSize()];
    var perFilter = outputSize() * outputSize();
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = biases[i / perFilter % filters];
    }
    forEachTerm((input, weight, output) -> outputs[output] += inputs[input] * weights[weight]);
    return outputs;
  }

  double[] weightGradients(double[] inputs, double[] outputGradients) {
    var gradients = new double[filters * channels * kernel * kernel];
    forEachTerm(
        (input, weight, output) -> gradients[weight] += inputs[input] * outputGradients[output]);
    return gradients;
  }

  double[] inputGradients(double[] weights, double[] outputGradients) {
    var gradients = new double[samples * channels * size * size];
    forEachTerm(
        (input, weight, output) -> gradients[input] += weights[weight] * outputGradients[output]);
    return gradients;
  }

  double[] biasGradients(double[] outputGradients) {
    var gradients = new double[filters];
    var perFilter = outputSize() * outputSize();
    for (int i = 0; i < outputGradients.length; i++) {
      gradients[i / perFilter % filters] += outputGradients[i];
    }
    return gradients;
  }

  private void forEachTerm(Term term) {
    for (int n = 0; n < samples; n++) {
      for (int f = 0; f < filters; f++) {
        for (int y = 0; y < outputSize(); y++) {
          for (int x = 0; x < outputSize(); x++) {
            forEachTermOf(n, f, y, x, term);
          }
        }
      }
    }
  }

  private void forEachTermOf(int n, int f, int y, int x, Term term) {
    var output = ((n * filters + f) * outputSize() + y) * outputSize() + x;
    for (int c = 0; c < channels; c++) {
      for (int ky = 0; ky < kernel; ky++) {
        for (int kx = 0; kx < kernel; kx++) {
          var row = y * stride + ky - padding;
          var column = x * stride + kx - padding;
          if (row >= 0 && row < size && column >= 0 && column < size) {
            term.at(
                ((n * channels + c) * size + row) * size + column,
                ((f * channels + c) * kernel + ky) * kernel + kx,
                output);
          }
        }
      }
    }
  }
}
