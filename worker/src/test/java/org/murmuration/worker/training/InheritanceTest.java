package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.training.RankState.Kept;
import org.murmuration.worker.training.RankState.Sharing;

class InheritanceTest {
  private static RankState state(int rank) {
    var record = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(rank).flip();
    return new RankState(
        new TreeMap<>(
            Map.of(
                "lost", Kept.of(Sharing.ADDED, FloatBuffer.wrap(new float[] {1 << rank})),
                "momentum", Kept.of(Sharing.MEAN, FloatBuffer.wrap(new float[] {rank})),
                "scores", new Kept(Sharing.BY_SAMPLE, record))));
  }

  private static List<RankState> goOn(int before, int after) {
    List<RankState> states = new ArrayList<>();
    for (int rank = 0; rank < after; rank++) {
      var heir = new Inheritance(rank, after);
      heir.ofRanks(before);
      for (int of = 0; of < before; of++) {
        if (heir.wants(of)) {
          heir.take(of, state(of));
        }
      }
      states.add(heir.state().orElseThrow());
    }
    return states;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 4", "4, 1", "4, 2", "5, 3", "2, 5", "1, 4", "3, 4"})
  void shouldLoseNothingAndCountNothingTwice(int before, int after) {
    var states = goOn(before, after);

    double lost = 0;
    for (var state : states) {
      lost += state.floats("lost", 1).get(0);
    }
    assertThat(lost).isEqualTo((1 << before) - 1);
  }

  @ParameterizedTest
  @CsvSource({"4, 4, 2, 2", "4, 2, 1, 2", "5, 3, 1, 2.5", "2, 5, 4, 0", "2, 5, 3, 1"})
  void shouldTakeTheMeanOfThoseItReplaces(int before, int after, int rank, float mean) {
    assertThat(goOn(before, after).get(rank).floats("momentum", 1).get(0)).isEqualTo(mean);
  }

  @ParameterizedTest
  @CsvSource({"4, 2", "2, 5"})
  void shouldSeeTheRecordsOfAllSamples(int before, int after) {
    for (var state : goOn(before, after)) {
      assertThat(state.records("scores").remaining()).isEqualTo(8 * before);
    }
  }
}
