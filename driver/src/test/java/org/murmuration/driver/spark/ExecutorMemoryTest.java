package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.murmuration.driver.spark.RankMemory.Part;

/** The container of an executor is as large as the job needs. */
class ExecutorMemoryTest {
  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final long MIB = 1 << 20;
  private static final RankMemory RANK =
      new RankMemory(List.of(new Part("network", 100 * MIB), new Part("images up to", 200 * MIB)));

  @Test
  void shouldAddWhatEachRankTakesToWhatTheProcessTakes() {
    var conf = yarn().set("spark.executor.cores", "2");

    var note = ExecutorMemory.plan(conf, RANK);

    // 512 of the process and 300 for each of two ranks, in steps of 64.
    assertThat(conf.getSizeAsMb(OVERHEAD)).isEqualTo(1152);
    assertThat(note)
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("1152 MiB", OVERHEAD, "each of its 2 ranks")
                    .contains("network 100 MiB, images up to 200 MiB"));
  }

  @Test
  void shouldKeepWhatIsStatedAndWarnWhenItIsLess() {
    var conf = yarn().set(OVERHEAD, "700m");

    var note = ExecutorMemory.plan(conf, RANK);

    assertThat(conf.get(OVERHEAD)).isEqualTo("700m");
    assertThat(note).hasValueSatisfying(text -> assertThat(text).contains("700m", "832 MiB"));
  }

  @Test
  void shouldKeepSilentWhenWhatIsStatedWillDo() {
    assertThat(ExecutorMemory.plan(yarn().set(OVERHEAD, "4g"), RANK)).isEmpty();
  }

  @Test
  void shouldLeaveAFactorToItsOwner() {
    var conf = yarn().set("spark.executor.memoryOverheadFactor", "0.5");

    assertThat(ExecutorMemory.plan(conf, RANK)).isEmpty();
    assertThat(conf.contains(OVERHEAD)).isFalse();
  }

  @Test
  void shouldSetNothingWhereNothingIsLimited() {
    var conf = new SparkConf(false).set("spark.master", "spark://host:7077");

    assertThat(ExecutorMemory.plan(conf, RANK)).isEmpty();
    assertThat(conf.contains(OVERHEAD)).isFalse();
  }

  private static SparkConf yarn() {
    return new SparkConf(false).set("spark.master", "yarn");
  }
}
