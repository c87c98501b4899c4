package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.UndividedGradients.Stretch;

class GradientClipTest {

  @Test
  void takesTheNormOfWhatIsAGradient() {
    var vector = FloatBuffer.wrap(new float[] {3, 100, 4, -100});
    var clip = new GradientClip(List.of(new Stretch(0, 1), new Stretch(2, 3)));

    assertThat(clip.clip(vector, 10)).isEqualTo(5);
    assertThat(vector.array()).containsExactly(3, 100, 4, -100);

    assertThat(clip.clip(vector, 2.5)).isEqualTo(5);
    assertThat(vector.array()).containsExactly(1.5f, 100, 2, -100);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4095, 4096, 4097, 10_001})
  void endsAtTheLimitWhateverTheLength(int length) {
    var random = new Random(length);
    var values = new float[length];
    double sum = 0;
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
      sum += (double) values[i] * values[i];
    }
    var vector = FloatBuffer.wrap(values);
    var clip = new GradientClip(List.of(new Stretch(0, length)));

    assertThat(clip.norm(vector)).isCloseTo(Math.sqrt(sum), within(1e-9 * Math.sqrt(sum)));
    clip.clip(vector, 0.125);
    assertThat(clip.norm(vector)).isCloseTo(0.125, within(1e-7));
  }
}
