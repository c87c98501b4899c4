package org.murmuration.worker.accel.kernel;

/**
 * What a layer makes of an image, and the gradients of that. Images are float arrays, channel by
 * channel and row by row, exactly as long as the image. A kernel keeps what it works with between
 * calls, so it serves one thread at a time.
 */
public interface ImageKernel {

  /** What an image becomes. */
  ImageSize output();

  /** How many numbers are drawn for each image, evenly from [-1, 1), while training. */
  default int draws() {
    return 0;
  }

  /**
   * Computes an image.
   *
   * @param parameters the layer's, as many as it has
   * @param drawn for this image
   * @param x the image
   * @param y what becomes of it, overwritten
   */
  void forward(float[] parameters, float[] drawn, float[] x, float[] y);

  /**
   * The gradient of the image.
   *
   * @param dy the gradient of what became of it
   * @param dx overwritten
   */
  void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx);

  /**
   * Adds the gradient of the parameters.
   *
   * @param dy the gradient of what became of the image
   * @param learned to which the gradient is added
   */
  void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned);
}
