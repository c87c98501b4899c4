package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.murmuration.driver.spark.PlainDl4j.assertAgree;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.core.storage.impl.CollectionStatsStorageRouter;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Training on two ranks against plain DL4J in this process, which is given the two ranks' batches
 * of each step as one. The executors compute with oneDNN, this process without.
 */
@Timeout(90)
class AeronTrainingMasterTest {
  private static final int BATCH = 32;

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
  @TempDir private Path folder;

  private static JavaSparkContext spark;

  private final AeronTrainingMaster master =
      new AeronTrainingMaster(AeronTrainingSettings.of(BATCH));

  @BeforeAll
  @Timeout(60)
  static void start() {
    spark = new JavaSparkContext(new SparkConf().setAppName("AeronTrainingMasterTest"));
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void shouldTrainANetworkAsPlainDl4jDoesOnTheMergedBatches() throws Exception {
    var network = new SparkDl4jMultiLayer(spark, PlainDl4j.network(), master);
    List<Integer> told = new ArrayList<>();
    network.setListeners(listener(told));
    var plain = new MultiLayerNetwork(PlainDl4j.network());
    plain.init();
    var data = SampleImages.training(32, 32, 32, 32, 32, 32);
    // Two partitions in the order of the list: the first three data sets, and the last three.
    var rdd = spark.parallelize(data, 2);

    for (int fits = 1; fits <= 3; fits++) {
      network.fit(rdd);
      var lossSum = 0.0;
      for (int step = 0; step < 3; step++) {
        plain.fit(DataSet.merge(List.of(data.get(step), data.get(3 + step))));
        lossSum += plain.score();
      }

      // The state of Adam must outlive a call of fit for the second one to agree.
      assertAgree(network.getNetwork().params(), plain.params());
      assertAgree(
          network.getNetwork().getUpdater().getStateViewArray(),
          plain.getUpdater().getStateViewArray());
      assertThat(network.getNetwork().getIterationCount()).isEqualTo(3 * fits);
      assertThat(network.getNetwork().getEpochCount()).isEqualTo(fits);
      assertThat(network.getScore()).isCloseTo(lossSum / 3, within(1e-5));
    }
    assertThat(told).containsExactly(3, 6, 9);
    var last = master.lastEpoch().orElseThrow();
    assertThat(last.steps()).isEqualTo(3);
    assertThat(last.samples()).isEqualTo(6 * 32);
  }

  @Test
  void shouldTrainAGraphOnPartitionsOfDifferentSizes() throws Exception {
    var graph = new SparkComputationGraph(spark, PlainDl4j.graph(), master);
    var plain = new ComputationGraph(PlainDl4j.graph());
    plain.init();
    // Of six data sets, each partition gets three; the ranks cut them anew, to 32 images a step:
    // rank 0 has steps of 32, 32 and 26 images, rank 1 of 32 and 7.
    var data = SampleImages.training(20, 40, 30, 7, 22, 10);
    var steps = SampleImages.training(32, 32, 26, 32, 7);

    for (int fits = 1; fits <= 2; fits++) {
      graph.fit(spark.parallelize(data, 2));
      plain.fit(DataSet.merge(List.of(steps.get(0), steps.get(3))));
      plain.fit(DataSet.merge(List.of(steps.get(1), steps.get(4))));
      plain.fit(steps.get(2));

      assertSame(graph, plain);
      assertThat(graph.getNetwork().getConfiguration().getIterationCount()).isEqualTo(3 * fits);
      assertThat(graph.getNetwork().getConfiguration().getEpochCount()).isEqualTo(fits);
    }
    assertThat(master.lastEpoch().orElseThrow().samples()).isEqualTo(129);
  }

  @Test
  void shouldTrainAGraphOfSeveralInputs() throws Exception {
    var graph = new SparkComputationGraph(spark, PlainDl4j.graphOfTwoInputs(), master);
    var plain = new ComputationGraph(PlainDl4j.graphOfTwoInputs());
    plain.init();
    List<MultiDataSet> data = new ArrayList<>();
    for (var dataSet : SampleImages.training(32, 32, 32, 32)) {
      data.add(withMeanColours(dataSet));
    }

    graph.fitMultiDataSet(spark.parallelize(data, 2));
    for (int step = 0; step < 2; step++) {
      plain.fit(
          org.nd4j.linalg.dataset.MultiDataSet.merge(List.of(data.get(step), data.get(2 + step))));
    }

    assertSame(graph, plain);
  }

  @Test
  void shouldTrainOnFilesOfDataSets() throws Exception {
    var network = new SparkDl4jMultiLayer(spark, PlainDl4j.network(), master);
    var plain = new MultiLayerNetwork(PlainDl4j.network());
    plain.init();
    var data = SampleImages.training(32, 32);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      var file = folder.resolve("batch-" + i + ".bin");
      data.get(i).save(file.toFile());
      paths.add(file.toUri().toString());
    }

    network.fitPaths(spark.parallelize(paths, 2));
    plain.fit(DataSet.merge(data));

    assertAgree(network.getNetwork().params(), plain.params());
  }

  @Test
  void shouldTrainWithARankThatHasNoData() throws Exception {
    var graph = new SparkComputationGraph(spark, PlainDl4j.graph(), master);
    var plain = new ComputationGraph(PlainDl4j.graph());
    plain.init();
    var data = SampleImages.training(32);
    var rdd = spark.parallelize(data, 2);
    assertThat(rdd.glom().map(List::size).collect()).containsExactly(0, 1);

    graph.fit(rdd);
    plain.fit(data.get(0));

    assertSame(graph, plain);
    assertThat(master.lastEpoch().orElseThrow().samples()).isEqualTo(32);
  }

  @Test
  void shouldRefuseWhatBelongsToDl4jsOwnTraining() {
    assertRefused(() -> master.addHook(null), "TrainingHook");
    assertRefused(() -> master.removeHook(null), "TrainingHook");
    assertRefused(() -> master.setCollectTrainingStats(true), "use lastEpoch() after fit");
    assertRefused(master::getTrainingStats, "use lastEpoch() after fit");
    assertRefused(
        () -> master.setListeners(new CollectionStatsStorageRouter(null, null, null), List.of()),
        "use lastEpoch() after fit");
    assertRefused(() -> master.getWorkerInstance((SparkDl4jMultiLayer) null), "no workers");
    assertRefused(() -> master.getWorkerInstance((SparkComputationGraph) null), "no workers");
  }

  @Test
  void shouldRefuseSettingsOutOfRange() {
    assertThatThrownBy(() -> AeronTrainingSettings.of(0))
        .hasMessage("batchSizePerRank was 0, must be > 0");
    assertThatThrownBy(() -> AeronTrainingSettings.of(1).withRanks(-1))
        .hasMessage("ranks was -1, must be >= 0 (0: one per task slot)");
  }

  private static void assertSame(SparkComputationGraph graph, ComputationGraph plain) {
    assertAgree(graph.getNetwork().params(), plain.params());
    assertAgree(
        graph.getNetwork().getUpdater().getStateViewArray(),
        plain.getUpdater().getStateViewArray());
  }

  /** Notes the iterations that it is told of. */
  private static BaseTrainingListener listener(List<Integer> told) {
    return new BaseTrainingListener() {
      @Override
      public void iterationDone(Model model, int iteration, int epoch) {
        told.add(iteration);
      }
    };
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(message);
  }

  /** The image, and the mean of each of its colours. */
  private static MultiDataSet withMeanColours(DataSet images) {
    var colours = images.getFeatures().mean(2, 3);
    return new org.nd4j.linalg.dataset.MultiDataSet(
        new INDArray[] {images.getFeatures(), colours}, new INDArray[] {images.getLabels()});
  }
}
