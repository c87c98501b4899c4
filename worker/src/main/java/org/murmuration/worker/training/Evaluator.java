package org.murmuration.worker.training;

import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;

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
    var probabilities = replica.output(batch.getFeatures())[0].toFloatMatrix();
    var actual = batch.getLabels(0).argMax(1).toIntVector();
    for (int i = 0; i < actual.length; i++) {
      var row = probabilities[i];
      int predicted = 0;
      for (int c = 1; c < row.length; c++) {
        if (row[c] > row[predicted]) {
          predicted = c;
        }
      }
      result.add(actual[i], predicted, -Math.log(Math.max(row[actual[i]], SMALLEST_PROBABILITY)));
    }
  }
}
