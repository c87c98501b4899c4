package org.murmuration.worker.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Batches of one size from DL4J's data sets of any sizes, in their order; the last may be smaller.
 */
public final class DataSetBatches implements BatchSource {
  private final List<MultiDataSet> batches;

  private DataSetBatches(List<MultiDataSet> batches) {
    this.batches = batches;
  }

  /**
   * Takes all data sets and cuts them anew.
   *
   * @param batchSize samples of a batch, at least 1
   */
  public static DataSetBatches of(Iterator<? extends MultiDataSet> dataSets, int batchSize) {
    List<MultiDataSet> batches = new ArrayList<>();
    List<MultiDataSet> parts = new ArrayList<>();
    int missing = batchSize;
    while (dataSets.hasNext()) {
      var dataSet = dataSets.next();
      int from = 0;
      while (from < size(dataSet)) {
        var taken = Math.min(missing, size(dataSet) - from);
        parts.add(rows(dataSet, from, from + taken));
        from += taken;
        missing -= taken;
        if (missing == 0) {
          batches.add(merge(parts));
          parts.clear();
          missing = batchSize;
        }
      }
    }
    if (!parts.isEmpty()) {
      batches.add(merge(parts));
    }
    return new DataSetBatches(batches);
  }

  @Override
  public int steps() {
    return batches.size();
  }

  @Override
  public int count(int step) {
    return step < batches.size() ? size(batches.get(step)) : 0;
  }

  @Override
  public long samples() {
    return batches.stream().mapToLong(DataSetBatches::size).sum();
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    return batches.get(step);
  }

  @Override
  public void close() {
    batches.clear();
  }

  private static int size(MultiDataSet dataSet) {
    return (int) dataSet.getFeatures(0).size(0);
  }

  private static MultiDataSet merge(List<MultiDataSet> parts) {
    return parts.size() == 1 ? parts.get(0) : org.nd4j.linalg.dataset.MultiDataSet.merge(parts);
  }

  private static MultiDataSet rows(MultiDataSet dataSet, int from, int to) {
    if (from == 0 && to == size(dataSet)) {
      return dataSet;
    }
    return new org.nd4j.linalg.dataset.MultiDataSet(
        rows(dataSet.getFeatures(), from, to),
        rows(dataSet.getLabels(), from, to),
        rows(dataSet.getFeaturesMaskArrays(), from, to),
        rows(dataSet.getLabelsMaskArrays(), from, to));
  }

  /** The same rows of all arrays; masks may be absent, all or some. */
  private static INDArray[] rows(INDArray[] arrays, int from, int to) {
    return arrays == null
        ? null
        : Stream.of(arrays)
            .map(array -> array == null ? null : rows(array, from, to))
            .toArray(INDArray[]::new);
  }

  private static INDArray rows(INDArray array, int from, int to) {
    var index = new INDArrayIndex[array.rank()];
    index[0] = NDArrayIndex.interval(from, to);
    for (int dimension = 1; dimension < index.length; dimension++) {
      index[dimension] = NDArrayIndex.all();
    }
    return array.get(index).dup(Nd4j.order());
  }
}
