package org.murmuration.worker.data;

import org.nd4j.linalg.dataset.api.MultiDataSet;

/** TEMP. */
public interface BatchSource extends AutoCloseable {
  int steps();

  int count(int step);

  long samples();

  MultiDataSet batch(int epoch, int step);

  @Override
  void close();
}
