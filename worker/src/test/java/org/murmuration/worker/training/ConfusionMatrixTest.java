package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

  /** Class 0: two right; class 1: one right, one taken for 2; class 2: one taken for 0. */
  private static ConfusionMatrix five() {
    var matrix = new ConfusionMatrix(3);
    matrix.add(0, 0, 0.1);
    matrix.add(0, 0, 0.2);
    matrix.add(1, 1, 0.3);
    matrix.add(1, 2, 1.4);
    matrix.add(2, 0, 3.0);
    return matrix;
  }

  @Test
  void shouldCount() {
    var matrix = five();

    assertThat(matrix.rows()).isEqualTo(List.of(row(2, 0, 0), row(0, 1, 1), row(1, 0, 0)));
    assertThat(matrix.count(1, 2)).isEqualTo(1);
    assertThat(matrix.count(2, 1)).isZero();
    assertThat(matrix.samples()).isEqualTo(5);
    assertThat(matrix.classes()).isEqualTo(3);
    assertThat(matrix.accuracy()).isEqualTo(3.0 / 5);
    assertThat(matrix.meanLoss()).isCloseTo(1.0, within(1e-15));
  }

  @Test
  void shouldAddTheParts() {
    var sum = new ConfusionMatrix(3);
    sum.addEncoded(five().encode());
    sum.addEncoded(new ConfusionMatrix(3).encode());
    sum.addEncoded(five().encode());

    assertThat(sum.rows()).isEqualTo(List.of(row(4, 0, 0), row(0, 2, 2), row(2, 0, 0)));
    assertThat(sum.accuracy()).isEqualTo(3.0 / 5);
    assertThat(sum.meanLoss()).isCloseTo(1.0, within(1e-15));
  }

  @Test
  void shouldHaveNoAccuracyWithoutSamples() {
    assertThat(new ConfusionMatrix(3).accuracy()).isNaN();
    assertThat(new ConfusionMatrix(3).meanLoss()).isNaN();
  }

  private static List<Long> row(long first, long second, long third) {
    return List.of(first, second, third);
  }
}
