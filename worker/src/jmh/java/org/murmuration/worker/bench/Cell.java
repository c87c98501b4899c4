package org.murmuration.worker.bench;

import org.murmuration.worker.model.InputShape;

/**
 * What all contenders do in turn, so that their times can be compared.
 *
 * @param batch images per step
 * @param threads how many threads an operation may use
 */
record Cell(Workload workload, int batch, int threads) {

  /**
   * @throws IllegalArgumentException if there is no image or no thread
   */
  Cell {
    if (batch < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "a step needs at least one image and one thread, but batch=%d threads=%d"
              .formatted(batch, threads));
    }
  }

  /** How many values the batch's images have. */
  int pixels() {
    InputShape image = workload.input();
    return batch * image.channels() * image.height() * image.width();
  }

  @Override
  public String toString() {
    return "%s, batch %d, threads %d".formatted(workload.name(), batch, threads);
  }
}
