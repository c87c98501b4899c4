package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;

class PixelNormTest {
  private static final PixelNorm NORM =
      PixelNorm.of(new double[] {100, 120}, new double[][] {{2500, 1800}, {1800, 3600}});
  private static final LayerSpec BY_DATA = new LayerSpec.NormalizeByData();
  private static final LayerSpec SCALE = new LayerSpec.Scale(200);
  private static final LayerSpec OTHER = new LayerSpec.ColorTransform(LayerSpec.Learning.at(1));

  @Test
  void shouldFillInWhatRawPixelsAre() {
    assertThat(NORM.fillIn(List.of(BY_DATA, OTHER)))
        .containsExactly(
            new LayerSpec.Normalize(List.of(100.0, 120.0), List.of(50.0, 60.0)), OTHER);
  }

  @Test
  void shouldHeedScales() {
    assertThat(NORM.fillIn(List.of(SCALE, BY_DATA)))
        .containsExactly(SCALE, new LayerSpec.Normalize(List.of(0.5, 0.6), List.of(0.25, 0.3)));
  }

  /** In use, where statistics count, there is no augmentation. */
  @Test
  void shouldPassOverAugmentation() {
    var augment = new LayerSpec.LearnedAugment(Map.of(Change.ROTATION, 0.1), 1, 0.1);

    assertThat(NORM.fillIn(List.of(SCALE, augment, BY_DATA)).get(2))
        .isEqualTo(new LayerSpec.Normalize(List.of(0.5, 0.6), List.of(0.25, 0.3)));
  }

  @Test
  void shouldLeaveOtherLayersAlone() {
    var layers = List.of(SCALE, OTHER);

    assertThat(PixelNorm.isNeededBy(layers)).isFalse();
    assertThat(PixelNorm.isNeededBy(List.of(SCALE, BY_DATA))).isTrue();
    assertThat(PixelNorm.ANY.fillIn(layers)).isEqualTo(layers);
  }

  @Test
  void shouldRefuseWhatHasNoStatistics() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NORM.fillIn(List.of(OTHER, BY_DATA)))
        .withMessage(
            "preprocess.layers[1]: what the data decides about normalize is of raw pixels, so only scale and learned-augment may come before it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelNorm.of(new double[] {9, 7}, new double[][] {{1, 0}, {0, 0}}))
        .withMessageContaining("channel 1 is 7.0 in all training images");
  }

  /** The map makes the covariance of what it maps the identity, and the mean 0. */
  @ParameterizedTest
  @EnumSource
  void shouldWhiten(LayerSpec.WhiteningKind kind) {
    var how = new LayerSpec.Whitening(kind, 1e-12);
    var whiten = new LayerSpec.Whiten(how, LayerSpec.Learning.at(0), Optional.empty());

    assertThat(PixelNorm.isNeededBy(List.of(whiten))).isTrue();
    var filled = (LayerSpec.Whiten) NORM.fillIn(List.of(SCALE, whiten)).get(1);
    var map = filled.start().orElseThrow();

    double[] mean = {0.5, 0.6};
    double[][] covariance = {{0.0625, 0.045}, {0.045, 0.09}};
    for (int a = 0; a < 2; a++) {
      var row = map.get(a);
      assertThat(row.get(0) * mean[0] + row.get(1) * mean[1] + row.get(2))
          .isCloseTo(0, within(1e-9));
      for (int b = 0; b < 2; b++) {
        double sum = 0;
        for (int i = 0; i < 2; i++) {
          for (int j = 0; j < 2; j++) {
            sum += row.get(i) * covariance[i][j] * map.get(b).get(j);
          }
        }
        assertThat(sum).isCloseTo(a == b ? 1 : 0, within(1e-6));
      }
    }
    // ZCA is symmetric; principal components come by falling variance, so the second grows more.
    double first = Math.hypot(map.get(0).get(0), map.get(0).get(1));
    double second = Math.hypot(map.get(1).get(0), map.get(1).get(1));
    switch (kind) {
      case ZCA -> assertThat(map.get(0).get(1)).isCloseTo(map.get(1).get(0), within(1e-9));
      case PCA -> assertThat(second).isGreaterThan(first);
    }
  }
}
