package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class BatchRowsTest {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "UBYTE"})
  void shouldGivePartsOfParts(DataType type) {
    var features = Nd4j.arange(8 * 3 * 2 * 2).reshape(8, 3, 2, 2).castTo(type);
    var labels = Nd4j.arange(16).reshape(8, 2).castTo(DataType.FLOAT);
    var part = BatchRows.of(new MultiDataSet(features, labels), 2, 7);

    for (int from = 0; from < 5; from++) {
      for (int to = from + 1; to <= 5; to++) {
        var rows = BatchRows.of(part, from, to);
        assertThat(rows.getFeatures(0).shape()).containsExactly(to - from, 3, 2, 2);
        for (int i = 0; i < to - from; i++) {
          assertThat(rows.getFeatures(0).getDouble(i, 1, 0, 1))
              .isEqualTo(features.getDouble(2 + from + i, 1, 0, 1));
          assertThat(rows.getLabels(0).getDouble(i, 1))
              .isEqualTo(labels.getDouble(2 + from + i, 1));
        }
        assertThat(rows.getFeatures(0).dup().getDouble(0, 2, 1, 1))
            .isEqualTo(features.getDouble(2 + from, 2, 1, 1));
      }
    }
    BatchRows.of(part, 1, 2).getFeatures(0).assign(7);
    assertThat(features.getDouble(3, 2, 1, 1)).as("views").isEqualTo(7);
  }

  @Test
  void shouldCutEvenlyAndLeaveNoPartEmpty() {
    assertThat(BatchRows.bounds(8, 3)).containsExactly(0, 2, 5, 8);
    assertThat(BatchRows.bounds(2, 5)).containsExactly(0, 1, 2);
    assertThat(BatchRows.bounds(1, 1)).containsExactly(0, 1);
  }
}
