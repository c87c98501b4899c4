package org.murmuration.worker.training;

import java.nio.FloatBuffer;
import java.util.List;
import org.murmuration.worker.accel.UndividedGradients.Stretch;
import org.murmuration.worker.optimizer.Chunk;

/**
 * Shortens a gradient that is too long (Pascanu, Mikolov, Bengio: On the difficulty of training
 * recurrent neural networks, 2013). The norm is of all parameters together, as in PyTorch's {@code
 * clip_grad_norm_}; steps of running statistics neither count nor change. The norm is summed in
 * double precision and always in the same order, so ranks with the same gradient agree to the bit.
 */
final class GradientClip {
  private static final int CHUNK = 4096;

  private final List<Stretch> stretches;
  private final float[] chunk = new float[CHUNK];

  /**
   * @param stretches of the vector that are gradients
   */
  GradientClip(List<Stretch> stretches) {
    this.stretches = List.copyOf(stretches);
  }

  /** The Euclidean norm of the vector's gradients. */
  double norm(FloatBuffer vector) {
    double sum = 0;
    for (var stretch : stretches) {
      for (int at = stretch.from(); at < stretch.to(); at += CHUNK) {
        int length = Math.min(CHUNK, stretch.to() - at);
        vector.get(at, chunk, 0, length);
        sum += Chunk.sumOfSquares(chunk, length);
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * Scales the gradients so that their norm is at most {@code most}.
   *
   * @return the norm before
   */
  double clip(FloatBuffer vector, double most) {
    double norm = norm(vector);
    if (norm > most) {
      var factor = (float) (most / norm);
      for (var stretch : stretches) {
        for (int at = stretch.from(); at < stretch.to(); at += CHUNK) {
          int length = Math.min(CHUNK, stretch.to() - at);
          vector.get(at, chunk, 0, length);
          for (int i = 0; i < length; i++) {
            chunk[i] *= factor;
          }
          vector.put(at, chunk, 0, length);
        }
      }
    }
    return norm;
  }
}
