package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortRangeTest {

  @ParameterizedTest
  @CsvSource({
    "40100-40199, 40100, 40199, 100",
    "40100, 40100, 40100, 1",
    "1024-65535, 1024, 65535, 64512",
  })
  void shouldReadWhatItWrites(String text, int first, int last, int size) {
    var range = PortRange.parse(text);

    assertThat(range).isEqualTo(new PortRange(first, last)).hasToString(text);
    assertThat(range.size()).isEqualTo(size);
    assertThat(range.isAny()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1023",
        "1023-1030",
        "65536",
        "40100-65536",
        "40199-40100",
        "0",
        "0-0",
        "00000",
        "-40100",
        "40100-",
        "40100-40199-40299",
        "40100 - 40199",
        "99999999999",
        "any",
        ""
      })
  void shouldRefuseWhatIsNoRangeOfPorts(String text) {
    assertThatThrownBy(() -> PortRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("averaging.ports = ", text, PortRange.RULE);
  }

  @ParameterizedTest
  @CsvSource({"0, 40100", "1023, 1024", "40199, 40100", "40100, 65536", "-1, 0"})
  void shouldRefusePortsOutOfRangeOrOrder(int first, int last) {
    assertThatThrownBy(() -> new PortRange(first, last))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("%d-%d".formatted(first, last), PortRange.RULE);
  }

  @Test
  void shouldLeaveTheChoiceToTheSystem() {
    assertThat(PortRange.ANY.isAny()).isTrue();
    assertThat(PortRange.ANY).hasToString("any");
    assertThat(PortRange.ANY.size()).isEqualTo(65_535 - 1_023);
  }
}
