package org.murmuration.worker.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.health.Finding.Status;

class ContainerCheckTest {
  private static final OptionalLong NONE = OptionalLong.empty();

  @Test
  void shouldBeContentWithRoom() {
    assertThat(status(OptionalLong.of(2000), 2000, 900)).isEqualTo(Status.OK);
    assertThat(status(NONE, 100_000, 89_000)).isEqualTo(Status.OK);
  }

  @Test
  void shouldWarnOfWhatIsNearlyFull() {
    assertThat(status(OptionalLong.of(1000), 9000, 950)).isEqualTo(Status.WARNING);
    assertThat(status(NONE, 1000, 950)).isEqualTo(Status.WARNING);
  }

  @Test
  void shouldComplainOfAContainerThatIsSmallerThanWhatWasAskedFor() {
    assertThat(status(OptionalLong.of(2000), 1000, 100)).isEqualTo(Status.PROBLEM);
  }

  @Test
  void shouldFindWhatThisProcessTakes() throws Exception {
    assertThat(ContainerCheck.run(NONE).value())
        .matches("[1-9]\\d+ MiB taken, nothing asked for.*");
  }

  private static Status status(OptionalLong asked, long available, long taken) {
    return ContainerCheck.judge(asked, available, taken).status();
  }
}
