package org.murmuration.driver.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.training.Coverage;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Incident;
import org.murmuration.worker.training.RankTimes;

class ProgressDisplayTest {
  private static final Coverage ALL = new Coverage(2500, "1f", 2500, "1f");
  private static final RankTimes SLOWEST = new RankTimes(0, 1.2, 0.7, 0.4, 0.1);

  private static final String ERASE_LINE = "\r\u001b[2K";
  private static final String FIRST =
      "epoch  1/20  loss 2.0300  test 1.9375 28.40 %   1,250 images/s"
          + "  2.0 s: 60 % compute, 35 % averaging\n";
  private static final String SECOND = FIRST.replace("epoch  1", "epoch  2");
  private static final String THIRD =
      FIRST.replace("epoch  1", "epoch  3").replace("  test 1.9375 28.40 %", "");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void shouldWriteALineForEveryEpochWhereThereIsNoTerminal() {
    var display = new ProgressDisplay(out, false);

    display.show(progress(1, 10));
    assertThat(written()).isEmpty();

    display.show(progress(2, 10, report(1)));
    assertThat(written()).isEqualTo(FIRST);
  }

  @Test
  void shouldMoveALineBelowTheEpochsInATerminal() {
    var display = new ProgressDisplay(out, true);

    display.show(progress(1, 10));
    display.show(progress(1, 40));
    display.show(progress(2, 20, report(1)));

    assertThat(written())
        .isEqualTo(
            ERASE_LINE
                + "epoch  1/20 [======                  ] step 10/40  loss 2.1250  1,312 images/s"
                + ERASE_LINE
                + "epoch  1/20 [========================] step 40/40  loss 2.1250  1,312 images/s"
                + ERASE_LINE
                + FIRST
                + ERASE_LINE
                + "epoch  2/20 [============            ] step 20/40  loss 2.1250  1,312 images/s");
  }

  @Test
  void shouldWriteEpochsThatPassedBetweenTwoHeartbeats() {
    var display = new ProgressDisplay(out, false);

    display.show(progress(3, 5, report(1), report(2)));

    assertThat(written()).isEqualTo(FIRST + SECOND);
  }

  @Test
  void shouldWriteAnEpochOnlyOnceHoweverOftenItIsTold() {
    var display = new ProgressDisplay(out, false);

    display.show(progress(2, 1, report(1)));
    display.show(progress(2, 2, report(1)));
    display.epochDone(report(1), 20);
    display.epochDone(report(2), 20);
    display.show(progress(2, 40, report(1)));

    assertThat(written()).isEqualTo(FIRST + SECOND);
  }

  @Test
  void shouldNotGoBackToALineOfAnEpochThatIsOver() {
    var display = new ProgressDisplay(out, true);

    display.epochDone(report(1), 20);
    display.show(progress(1, 40));

    assertThat(written()).isEqualTo(ERASE_LINE + FIRST);
  }

  @Test
  void shouldLeaveOutWhatWasNotEvaluated() {
    var notEvaluated = report(3, Double.NaN, Double.NaN);

    new ProgressDisplay(out, false).epochDone(notEvaluated, 20);

    assertThat(written()).isEqualTo(THIRD);
  }

  @Test
  void shouldTellAnIncidentOnce() {
    var incident = new Incident(Incident.Kind.LEFT_OUT, 2, 7, "on rank 1 the input is not finite");
    var display = new ProgressDisplay(out, false);

    for (int step = 8; step < 10; step++) {
      display.show(
          new Progress(
              2, 20, step, 40, 2, 1, List.of(report(1)), List.of(incident), Instant.EPOCH));
    }

    assertThat(written())
        .isEqualTo("left out    epoch 2, step 7: on rank 1 the input is not finite\n" + FIRST);
  }

  @Test
  void shouldShowNothingBeforeTheFirstStep() {
    new ProgressDisplay(out, true).show(Progress.none());

    assertThat(written()).isEmpty();
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static Progress progress(int epoch, int step, EpochReport... done) {
    return new Progress(
        epoch, 20, step, 40, 2.125, 1312.4, List.of(done), List.of(), Instant.EPOCH);
  }

  private static EpochReport report(int epoch) {
    return report(epoch, 1.9375, 0.284);
  }

  private static EpochReport report(int epoch, double testLoss, double testAccuracy) {
    return new EpochReport(
        epoch,
        40,
        2500,
        2.03,
        2,
        1250,
        1.2,
        0.7,
        0.4,
        0.1,
        SLOWEST,
        testLoss,
        testAccuracy,
        ALL,
        "0123456789abcdef");
  }
}
