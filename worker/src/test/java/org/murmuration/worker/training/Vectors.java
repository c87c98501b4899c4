package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares vectors as wholes. */
final class Vectors {
  private Vectors() {}

  static double[] doubles(INDArray array) {
    return array.castTo(DataType.DOUBLE).reshape(array.length()).toDoubleVector();
  }

  static double[] minus(double[] left, double[] right) {
    return IntStream.range(0, left.length).mapToDouble(i -> left[i] - right[i]).toArray();
  }

  /** The norm of the difference by the norm, and the largest difference by the largest value. */
  static void assertClose(double[] actual, double[] expected, double limit, String what) {
    assertThat(actual).hasSameSizeAs(expected);
    double squaredDifference = 0;
    double squared = 0;
    double largestDifference = 0;
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      var difference = actual[i] - expected[i];
      squaredDifference += difference * difference;
      squared += expected[i] * expected[i];
      largestDifference = Math.max(largestDifference, Math.abs(difference));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    var byNorm = Math.sqrt(squaredDifference / squared);
    var byLargest = largestDifference / largest;
    assertThat(Math.max(byNorm, byLargest))
        .as("%s: relative difference %.3g by norm, %.3g by largest", what, byNorm, byLargest)
        .isLessThan(limit);
  }
}
