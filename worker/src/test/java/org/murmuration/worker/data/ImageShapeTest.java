package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageShapeTest {

  @Test
  void shouldCountBytes() {
    assertThat(new ImageShape(3, 32, 32).bytes()).isEqualTo(3072);
    assertThat(new ImageShape(1, 1, Integer.MAX_VALUE).bytes()).isEqualTo(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 1", "1, -2, 1", "1, 1, 0", "2, 32768, 32768", "3, 2147483647, 2147483647"})
  void shouldRefuseShapeWithoutPixelsOrBeyondAnArray(int channels, int height, int width) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageShape(channels, height, width))
        .withMessageContaining(channels + " x " + height + " x " + width);
  }
}
