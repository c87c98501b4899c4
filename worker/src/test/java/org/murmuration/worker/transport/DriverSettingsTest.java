package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DriverSettingsTest {
  private static final int MIB = 1024 * 1024;

  @Test
  void shouldMakeBuffersAsLongAsTheVectorNeedsAndTheFolderHasRoomFor() {
    assertThat(DriverSettings.ipcTermLength(4 * MIB, 1L << 40)).isEqualTo(16 * MIB);
    assertThat(DriverSettings.ipcTermLength(250_000, 1L << 40)).isEqualTo(MIB);
    assertThat(DriverSettings.ipcTermLength(1 << 30, 1L << 40)).isEqualTo(64 * MIB);
    assertThat(DriverSettings.ipcTermLength(4 * MIB, 64L * MIB)).isEqualTo(4 * MIB);
  }

  @Property
  void shouldNeverMakeALengthThatAeronRefuses(
      @ForAll @IntRange(min = 4) int vectorBytes, @ForAll @LongRange(min = 0) long room) {
    var term = DriverSettings.ipcTermLength(vectorBytes, room);

    assertThat(Integer.bitCount(term)).isEqualTo(1);
    assertThat(term).isBetween(MIB, 64 * MIB);
    if (term > MIB) {
      assertThat(12L * term).isLessThanOrEqualTo(room);
    }
  }
}
