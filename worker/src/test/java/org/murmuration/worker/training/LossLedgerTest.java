package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.data.SampleNumbers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

@Timeout(60)
class LossLedgerTest {
  private static final int SAMPLES = 300;
  private static final int EPOCHS = 4;
  private static final double SHARE = 0.1;

  /** The share of all samples with the highest mean over the epochs after the first. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void namesTheSameSamplesForAnyNumberOfRanks(int worldSize) {
    var suspects = new ArrayList<Suspect>();
    Ranks.inMemory(
            worldSize,
            8_128,
            collective -> {
              var ledger = new LossLedger();
              for (int epoch = 0; epoch < EPOCHS; epoch++) {
                for (int n = collective.rank(); n < SAMPLES; n += worldSize) {
                  ledger.add(epoch, batch(n), found(epoch, n));
                }
              }
              return ledger.suspects(SHARE, collective);
            })
        .forEach(suspects::addAll);

    suspects.sort(Comparator.comparingDouble(Suspect::loss).reversed());
    var expected =
        LongStream.range(0, SAMPLES)
            .boxed()
            .sorted(Comparator.comparingDouble((Long n) -> mean(n.intValue())).reversed())
            .limit((long) (SHARE * SAMPLES))
            .toList();
    assertThat(suspects.subList(0, expected.size()))
        .extracting(Suspect::number)
        .containsExactlyElementsOf(expected);
    assertThat(suspects).hasSizeLessThan(expected.size() + 5);
    assertThat(suspects)
        .allSatisfy(
            suspect -> {
              assertThat(suspect.label()).isEqualTo((int) suspect.number() % 3);
              assertThat(suspect.predicted()).isEqualTo(EPOCHS - 1);
            });
  }

  @Test
  void refusesNetworksThatDontTell() {
    assertThatThrownBy(() -> new LossLedger().add(0, batch(1), SampleLosses.UNKNOWN))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.suspects goes by the loss of each image");
  }

  private static org.nd4j.linalg.dataset.api.MultiDataSet batch(int number) {
    var labels = Nd4j.zeros(DataType.FLOAT, 1, 3);
    labels.putScalar(0, number % 3, 1);
    return SampleNumbers.set(
        new MultiDataSet(Nd4j.zeros(DataType.FLOAT, 1, 1), labels), new long[] {number}, 0);
  }

  /** The first epoch's are the other way round. */
  private static SampleLosses found(int epoch, int number) {
    float loss = epoch == 0 ? (float) (10 - mean(number)) : (float) loss(epoch, number);
    return new SampleLosses(new float[] {loss}, new float[1], new int[] {epoch});
  }

  private static double loss(int epoch, int number) {
    return (float) Math.exp(new Random(31L * number + epoch).nextGaussian());
  }

  private static double mean(int number) {
    return List.of(1, 2, 3).stream().mapToDouble(e -> loss(e, number)).average().orElseThrow();
  }
}
