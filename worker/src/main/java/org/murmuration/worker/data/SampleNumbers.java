package org.murmuration.worker.data;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Which samples a batch has: their numbers in the data set, as what DL4J calls meta data. */
public final class SampleNumbers {
  private SampleNumbers() {}

  /**
   * Says which samples a batch has.
   *
   * @param numbers of all samples of the rank, by index
   * @param indices of the batch's rows
   * @return the batch
   */
  public static MultiDataSet set(MultiDataSet batch, long[] numbers, int... indices) {
    batch.setExampleMetaData(
        Arrays.stream(indices).mapToObj(index -> (Long) numbers[index]).toList());
    return batch;
  }

  /**
   * Says how much each sample weighs in the loss, where DL4J has a mask of labels. DL4J itself
   * knows weights of 0 and 1 only: it multiplies the logits, too.
   *
   * @param weights one for each row; none for 1
   * @return the batch
   */
  public static MultiDataSet weigh(MultiDataSet batch, float... weights) {
    if (weights.length > 0) {
      batch.setLabelsMaskArray(
          new INDArray[] {Nd4j.createFromArray(weights).reshape(weights.length, 1)});
    }
    return batch;
  }

  /** The numbers of a batch's samples, row by row; empty for batches that don't say. */
  public static List<Long> of(MultiDataSet batch) {
    var meta = batch.getExampleMetaData();
    return meta == null ? List.of() : meta.stream().map(Long.class::cast).toList();
  }
}
