package org.murmuration.worker.training;

import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Classifies the ranks' shares of a data set and adds up what came out. */
public final class Evaluator {
  /**
   * Below it a probability counts as this much, so that one sure mistake doesn't make the mean
   * infinite.
   */
  private static final double SMALLEST_PROBABILITY = 1e-30;

  private Evaluator() {}

  /**
   * The confusion matrix over the samples of all ranks; all ranks must call it and all get the
   * same.
   *
   * @param batches this rank's share, each batch with one input and one-hot labels
   * @param classes the number of classes
   */
  public static ConfusionMatrix evaluate(
      Replica replica, BatchSource batches, int classes, Collective collective) {
    var mine = new ConfusionMatrix(classes);
    for (int step = 0; step < batches.steps(); step++) {
      classify(replica, batches, step, mine);
    }
    var all = new ConfusionMatrix(classes);
    collective.allGather(mine.encode()).forEach(all::addEncoded);
    return all;
  }

  private static void classify(
      Replica replica, BatchSource batches, int step, ConfusionMatrix result) {
    var batch = batches.batch(0, step);
    var probabilities = rows(replica.output(batch.getFeatures())[0]);
    var labels = rows(batch.getLabels(0));
    var classes = result.classes();
    for (int row = 0; row < labels.length; row += classes) {
      int actual = largest(labels, row, classes);
      var probability = Math.max(probabilities[row + actual], SMALLEST_PROBABILITY);
      result.add(actual, largest(probabilities, row, classes), -Math.log(probability));
    }
  }

  /** Row after row. Arrays of ND4J's for each row would take longer than the network does. */
  private static float[] rows(INDArray matrix) {
    return matrix.dup('c').data().asFloat();
  }

  /** The class with the largest value, the first of equal ones. */
  static int largest(float[] values, int from, int classes) {
    int found = 0;
    for (int c = 1; c < classes; c++) {
      if (values[from + c] > values[from + found]) {
        found = c;
      }
    }
    return found;
  }
}
