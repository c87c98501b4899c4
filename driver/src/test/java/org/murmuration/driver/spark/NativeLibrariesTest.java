package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/** Executors are started with what the libraries want, whoever submits the job. */
class NativeLibrariesTest {
  private static final String OPTIONS = "spark.executor.extraJavaOptions";
  private static final String OPEN = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

  @Test
  void shouldCompleteWhatTheUserSays() {
    var conf = new SparkConf(false).set(OPTIONS, "-XX:+UseZGC");

    NativeLibraries.configureExecutors(conf);

    assertThat(conf.get(OPTIONS).split(" "))
        .startsWith("-XX:+UseZGC")
        .contains(OPEN, "-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
  }

  @Test
  void shouldLeaveWhatIsSaidAlready() {
    var conf =
        new SparkConf(false).set(OPTIONS, OPEN + " -Dorg.bytedeco.javacpp.maxphysicalbytes=4g");

    NativeLibraries.configureExecutors(conf);

    assertThat(conf.get(OPTIONS))
        .containsOnlyOnce("jdk.internal.misc")
        .containsOnlyOnce("maxphysicalbytes")
        .contains("maxphysicalbytes=4g");
  }
}
