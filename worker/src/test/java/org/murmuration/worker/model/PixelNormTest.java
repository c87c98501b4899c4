package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class PixelNormTest {
  private static final PixelNorm NORM =
      PixelNorm.of(new double[] {100, 120}, new double[] {50, 60});
  private static final LayerSpec BY_DATA = new LayerSpec.NormalizeByData();
  private static final LayerSpec SCALE = new LayerSpec.Scale(200);
  private static final LayerSpec OTHER = new LayerSpec.ColorTransform(1);

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
            "preprocess.layers[1]: mean = data is of raw pixels, so only scale may come before it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelNorm.of(new double[] {9, 7}, new double[] {1, 0}))
        .withMessageContaining("channel 1 is 7.0 in all training images");
  }
}
