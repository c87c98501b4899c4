package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/**
 * Settings that clusters have in their spark-defaults.conf, and Spark runs no barrier stage with.
 */
class BarrierSettingsTest {
  private static final OptionalInt AUTO = OptionalInt.empty();

  @Test
  void shouldLeaveAloneWhatDoesNotClash() {
    var conf =
        new SparkConf(false).set("spark.master", "yarn").set("spark.executor.instances", "3");

    assertThat(BarrierSettings.correct(conf, AUTO)).isEmpty();
    assertThat(conf.get("spark.executor.instances")).isEqualTo("3");
    assertThat(conf.get("spark.stage.maxConsecutiveAttempts")).isEqualTo("1");
  }

  @Test
  void shouldAskForAsManyExecutorsAsTheRanksNeed() {
    var conf = dynamic().set("spark.executor.cores", "4").set("spark.task.cpus", "2");

    var notes = BarrierSettings.correct(conf, OptionalInt.of(5));

    assertThat(conf.get("spark.dynamicAllocation.enabled")).isEqualTo("false");
    // Two ranks fit an executor of four cores, so five ranks take three.
    assertThat(conf.get("spark.executor.instances")).isEqualTo("3");
    assertThat(notes).hasSize(1);
    assertThat(notes.get(0))
        .contains("spark.dynamicAllocation.enabled = false", "spark.executor.instances = 3")
        .contains("SPARK-24954");
  }

  @Test
  void shouldTakeTheMostThatDynamicAllocationMayWhenRanksAreNotSaid() {
    var conf = dynamic().set("spark.dynamicAllocation.maxExecutors", "6");

    BarrierSettings.correct(conf, AUTO);

    assertThat(conf.get("spark.executor.instances")).isEqualTo("6");
  }

  @Test
  void shouldKeepAStatedNumberOfExecutors() {
    var conf =
        dynamic()
            .set("spark.dynamicAllocation.maxExecutors", "6")
            .set("spark.executor.instances", "2");

    BarrierSettings.correct(conf, AUTO);

    assertThat(conf.get("spark.executor.instances")).isEqualTo("2");
  }

  @Test
  void shouldRefuseWhenNothingSaysHowManyExecutors() {
    assertThatThrownBy(() -> BarrierSettings.correct(dynamic(), AUTO))
        .isInstanceOf(JobRefusedException.class)
        .hasMessageContaining("--num-executors")
        .hasMessageContaining("train.ranks");
  }

  @Test
  void shouldTurnSpeculationOff() {
    var conf = new SparkConf(false).set("spark.speculation", "true");

    assertThat(BarrierSettings.correct(conf, AUTO)).hasSize(1);
    assertThat(conf.get("spark.speculation")).isEqualTo("false");
  }

  private static SparkConf dynamic() {
    return new SparkConf(false)
        .set("spark.master", "yarn")
        .set("spark.dynamicAllocation.enabled", "true");
  }
}
