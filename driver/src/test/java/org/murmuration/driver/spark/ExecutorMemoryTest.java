package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.murmuration.driver.spark.RankMemory.Part;

/** The container of an executor is as large as the job needs. */
class ExecutorMemoryTest {
  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final long MIB = 1 << 20;
  private static final RankMemory RANK =
      new RankMemory(List.of(Part.of("network", 100 * MIB), Part.upTo("images", 200 * MIB)));

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

    // Half of 1 GiB, of the 832 MiB that there may be need for.
    assertThat(ExecutorMemory.plan(conf, RANK))
        .hasValueSatisfying(
            text -> assertThat(text).contains("memoryOverheadFactor = 0.5", "832 MiB"));
    assertThat(conf.contains(OVERHEAD)).isFalse();
  }

  /** 256 MiB for the smallest process and 100 for the network; without any image. */
  @Test
  void shouldRefuseWhatCanNeverDo() {
    assertThat(ExecutorMemory.plan(yarn().set(OVERHEAD, "356m"), RANK)).isPresent();
    assertThatThrownBy(() -> ExecutorMemory.plan(yarn().set(OVERHEAD, "355m"), RANK))
        .isInstanceOf(JobRefusedException.class)
        .hasMessageContaining("spark.executor.memoryOverhead = 355m gives each executor 355 MiB")
        .hasMessageContaining("at least 356 MiB there, up to 832 MiB")
        .hasMessageContaining("Raise it");
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
