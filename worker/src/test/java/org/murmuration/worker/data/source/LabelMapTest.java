package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.data.BadDataException;

class LabelMapTest {

  @Test
  void numbersNamesInTheOrderOfTheirCharacters() throws BadDataException {
    var map = LabelMap.ofLabels(List.of("dog", "Zebra", "cat", "猫"));

    assertThat(map.names()).containsExactly("Zebra", "cat", "dog", "猫");
    assertThat(map.index("dog")).isEqualTo(2);
  }

  @Test
  void letsNumbersBeThemselvesEvenWithGaps() throws BadDataException {
    var map = LabelMap.ofLabels(List.of("10", "2", "0"));

    assertThat(map.size()).isEqualTo(11);
    assertThat(map.index("10")).isEqualTo(10);
    assertThat(map.index("2")).isEqualTo(2);
  }

  @Test
  void takesNumbersWithZerosInFrontOrAmongNamesForNames() {
    assertThat(LabelMap.ofLabels(List.of("01", "00", "10")).names())
        .containsExactly("00", "01", "10");
    assertThat(LabelMap.ofLabels(List.of("2", "ten", "1")).names())
        .containsExactly("1", "2", "ten");
  }

  @Property(tries = 50)
  void dependsOnWhatLabelsThereAreAlone(@ForAll @NotEmpty List<String> labels, @ForAll long seed) {
    List<String> shuffled = new ArrayList<>(labels);
    shuffled.addAll(labels);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(LabelMap.ofLabels(shuffled).names()).isEqualTo(LabelMap.ofLabels(labels).names());
  }

  @Test
  void refusesALabelThatIsNone() {
    assertThatThrownBy(() -> LabelMap.ofNames(List.of("cat", "dog")).index("cow"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("the label \"cow\" is none of the 2 classes (cat, dog)");
  }
}
