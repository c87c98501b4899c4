package org.murmuration.worker.accel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Parts of a batch: the same rows of all its arrays, as views. */
final class BatchRows {
  private BatchRows() {}

  /** Where parts begin and end: as even as can be, none empty. */
  static long[] bounds(long samples, int mostParts) {
    var parts = (int) Math.min(mostParts, samples);
    var bounds = new long[parts + 1];
    Arrays.setAll(bounds, i -> samples * i / parts);
    return bounds;
  }

  static MultiDataSet of(MultiDataSet batch, long from, long to) {
    return new org.nd4j.linalg.dataset.MultiDataSet(
        of(batch.getFeatures(), from, to),
        of(batch.getLabels(), from, to),
        of(batch.getFeaturesMaskArrays(), from, to),
        of(batch.getLabelsMaskArrays(), from, to));
  }

  /** The same rows of all arrays; masks may be absent, all or some. */
  static INDArray[] of(INDArray[] arrays, long from, long to) {
    return arrays == null
        ? null
        : Arrays.stream(arrays)
            .map(array -> array == null ? null : of(array, from, to))
            .toArray(INDArray[]::new);
  }

  /** By shape and strides: ND4J's own {@code get} finds nothing in a view of a view. */
  static INDArray of(INDArray array, long from, long to) {
    var shape = array.shape().clone();
    shape[0] = to - from;
    return Nd4j.create(
        array.data(),
        shape,
        array.stride(),
        array.offset() + from * array.stride(0),
        array.ordering(),
        array.dataType());
  }
}
