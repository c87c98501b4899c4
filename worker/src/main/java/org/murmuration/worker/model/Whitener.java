package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.DiagonalMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/** The maps of colours that make channels uncorrelated, of variance 1, and their means 0. */
final class Whitener {
  private Whitener() {}

  /**
   * From mean m and covariance U L U' to W and -W m, with W = (L + epsilon)^-1/2 U', or U times
   * that for ZCA. Principal components come in the order of falling variance, each turned such that
   * its largest coefficient is positive, so that the same data give the same map.
   *
   * @return [channels][channels + 1], what is added last in each row
   */
  static List<List<Double>> of(PixelNorm norm, LayerSpec.Whitening how) {
    var decomposition = new EigenDecomposition(new Array2DRowRealMatrix(arrays(norm.covariance())));
    int channels = norm.mean().size();
    var scales = new double[channels];
    for (int i = 0; i < channels; i++) {
      double variance = Math.max(0, decomposition.getRealEigenvalue(i));
      scales[i] = 1 / Math.sqrt(variance + how.epsilon());
    }
    RealMatrix vectors = decomposition.getV();
    RealMatrix principal = new DiagonalMatrix(scales).multiply(turned(vectors.transpose()));
    RealMatrix map =
        switch (how.kind()) {
          case PCA -> principal;
          case ZCA -> vectors.multiply(new DiagonalMatrix(scales)).multiply(vectors.transpose());
        };
    var added = map.operate(array(norm.mean()));
    List<List<Double>> rows = new ArrayList<>();
    for (int to = 0; to < channels; to++) {
      List<Double> row = new ArrayList<>();
      for (int from = 0; from < channels; from++) {
        row.add(map.getEntry(to, from));
      }
      row.add(-added[to]);
      rows.add(row);
    }
    return rows;
  }

  private static RealMatrix turned(RealMatrix rows) {
    for (int i = 0; i < rows.getRowDimension(); i++) {
      double largest = 0;
      for (double value : rows.getRow(i)) {
        largest = Math.abs(value) > Math.abs(largest) ? value : largest;
      }
      rows.setRowMatrix(i, rows.getRowMatrix(i).scalarMultiply(largest < 0 ? -1 : 1));
    }
    return rows;
  }

  /**
   * As arrays; what is of one channel becomes the same for each.
   *
   * @throws IllegalArgumentException naming layer and sizes if the image has other channels
   */
  static double[][] forChannels(List<List<Double>> start, LayerSite site) {
    int channels = site.image().channels();
    if (start.size() == channels) {
      return arrays(start);
    }
    site.require(
        start.size() == 1, "the data must have %d channels".formatted(channels), start.size());
    var matrix = new double[channels][channels + 1];
    for (int c = 0; c < channels; c++) {
      matrix[c][c] = start.get(0).get(0);
      matrix[c][channels] = start.get(0).get(1);
    }
    return matrix;
  }

  private static double[][] arrays(List<List<Double>> rows) {
    return rows.stream().map(Whitener::array).toArray(double[][]::new);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
