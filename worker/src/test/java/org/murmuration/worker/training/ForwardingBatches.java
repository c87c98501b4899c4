package org.murmuration.worker.training;

import org.murmuration.worker.data.BatchSource;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Another source's batches, of which a test changes something. */
abstract class ForwardingBatches implements BatchSource {
  private final BatchSource source;

  ForwardingBatches(BatchSource source) {
    this.source = source;
  }

  @Override
  public int steps() {
    return source.steps();
  }

  @Override
  public int count(int step) {
    return source.count(step);
  }

  @Override
  public long samples() {
    return source.samples();
  }

  @Override
  public long[] numbers() {
    return source.numbers();
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    return source.batch(epoch, step);
  }

  @Override
  public void close() {
    source.close();
  }
}
