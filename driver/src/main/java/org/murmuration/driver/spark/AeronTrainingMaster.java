package org.murmuration.driver.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.data.loader.RemoteFileSource;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.murmuration.worker.training.Checkpoint;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DL4J's TrainingMaster over Murmuration's training loop: {@code new SparkDl4jMultiLayer(sc, conf,
 * new AeronTrainingMaster(AeronTrainingSettings.of(64))).fit(rdd)} trains one epoch with exact
 * gradient averaging between the executors. Parameters cross the driver once for each call of
 * {@code fit}, because that is where DL4J's interface keeps them; gradients never do.
 *
 * <p>What belongs to DL4J's own way of training is refused and not ignored: workers, hooks and
 * stats.
 */
public final class AeronTrainingMaster
    implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
  private static final Logger LOG = LoggerFactory.getLogger(AeronTrainingMaster.class);

  private final AeronTrainingSettings settings;
  private List<TrainingListener> listeners = List.of();
  private EpochReport lastEpoch;

  /** A master with these settings. */
  public AeronTrainingMaster(AeronTrainingSettings settings) {
    this.settings = settings;
  }

  /** What the last call of {@code fit} brought: loss, speed, where the time went. */
  public Optional<EpochReport> lastEpoch() {
    return Optional.ofNullable(lastEpoch);
  }

  @Override
  public void executeTraining(SparkDl4jMultiLayer network, JavaRDD<DataSet> data) {
    train(network, multi(data));
  }

  @Override
  public void executeTraining(SparkComputationGraph graph, JavaRDD<DataSet> data) {
    train(graph, multi(data));
  }

  @Override
  public void executeTrainingMDS(SparkComputationGraph graph, JavaRDD<MultiDataSet> data) {
    train(graph, data);
  }

  @Override
  public void executeTrainingPaths(
      SparkDl4jMultiLayer network,
      SparkComputationGraph graph,
      JavaRDD<String> paths,
      DataSetLoader loader,
      MultiDataSetLoader multiLoader) {
    var spark = JavaSparkContext.fromSparkContext(paths.context());
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    JavaRDD<MultiDataSet> data =
        paths.map(
            path -> {
              var fs = new Path(path).getFileSystem(hadoop.value().value());
              var source = new RemoteFileSource(path, fs);
              return multiLoader == null
                  ? loader.load(source).toMultiDataSet()
                  : multiLoader.load(source);
            });
    if (network == null) {
      train(graph, data);
    } else {
      train(network, data);
    }
  }

  private static JavaRDD<MultiDataSet> multi(JavaRDD<DataSet> data) {
    return data.map(DataSet::toMultiDataSet);
  }

  private void train(SparkDl4jMultiLayer network, JavaRDD<MultiDataSet> data) {
    train(network.getNetwork(), data);
    network.setScore(lastEpoch.loss());
  }

  private void train(SparkComputationGraph graph, JavaRDD<MultiDataSet> data) {
    train(graph.getNetwork(), data);
    graph.setScore(lastEpoch.loss());
  }

  /** A network of layers trains as the graph that it is; parameters lie in the same order. */
  private void train(MultiLayerNetwork network, JavaRDD<MultiDataSet> data) {
    var graph = network.toComputationGraph();
    var replica = new Replica(graph);
    replica.completed(network.getEpochCount(), network.getIterationCount());
    train(replica, data);
    network.setParams(graph.params());
    var updaterState = graph.getUpdater().getStateViewArray();
    if (updaterState != null) {
      network.getUpdater().setStateViewArray(network, updaterState, false);
    }
    network.getLayerWiseConfigurations().setIterationCount(replica.iteration());
    network.setScore(lastEpoch.loss());
    tellListeners(network, replica.iteration(), network.getEpochCount());
  }

  private void train(ComputationGraph graph, JavaRDD<MultiDataSet> data) {
    var replica = new Replica(graph);
    train(replica, data);
    graph.setScore(lastEpoch.loss());
    tellListeners(graph, replica.iteration(), graph.getConfiguration().getEpochCount());
  }

  private void train(Replica replica, JavaRDD<MultiDataSet> data) {
    var spark = JavaSparkContext.fromSparkContext(data.context());
    var slots = new Slots(spark.sc(), LOG::info);
    var ranks = settings.ranks() == 0 ? slots.promised() : settings.ranks();
    slots.await(ranks, settings.slotsTimeout());
    var graph = replica.graph();
    var start = replica.state();
    try {
      var state = spark.broadcast(Checkpoint.encode(start));
      var task =
          new MasterTask(
              graph.getConfiguration().toJson(),
              state,
              graph.conf().getSeed(),
              settings,
              UUID.randomUUID().getMostSignificantBits());
      var first = new BarrierStage(spark).run(onePartitionPerRank(data, ranks), task).get(0);
      state.destroy();
      replica.restore(first.state());
      lastEpoch = first.epoch();
      // DL4J counts the epoch itself when fit returns.
      replica.completed(start.epoch(), replica.iteration());
    } catch (IOException e) {
      throw new UncheckedIOException("the network's state could not be encoded", e);
    }
  }

  private static JavaRDD<MultiDataSet> onePartitionPerRank(JavaRDD<MultiDataSet> data, int ranks) {
    return data.getNumPartitions() == ranks ? data : data.repartition(ranks);
  }

  private void tellListeners(Model model, int iteration, int epoch) {
    for (var listener : listeners) {
      listener.iterationDone(model, iteration, epoch);
      listener.onEpochEnd(model);
    }
  }

  /** The listeners are told once for each call of {@code fit}, on the driver. */
  @Override
  public void setListeners(Collection<TrainingListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  /** Refused with a router: statistics of single iterations stay on the executors. */
  @Override
  public void setListeners(StatsStorageRouter router, Collection<TrainingListener> listeners) {
    if (router != null) {
      throw new UnsupportedOperationException(
          "AeronTrainingMaster sends nothing to a StatsStorageRouter; use lastEpoch() after fit");
    }
    setListeners(listeners);
  }

  @Override
  public void addHook(TrainingHook hook) {
    throw new UnsupportedOperationException(
        "AeronTrainingMaster calls no TrainingHook: it has no workers of DL4J's kind");
  }

  @Override
  public void removeHook(TrainingHook hook) {
    throw new UnsupportedOperationException("AeronTrainingMaster has no TrainingHooks");
  }

  @Override
  public TrainingWorker<TrainingResult> getWorkerInstance(SparkDl4jMultiLayer network) {
    throw noWorkers();
  }

  @Override
  public TrainingWorker<TrainingResult> getWorkerInstance(SparkComputationGraph graph) {
    throw noWorkers();
  }

  private static UnsupportedOperationException noWorkers() {
    return new UnsupportedOperationException(
        "AeronTrainingMaster has no workers of DL4J's kind: its ranks run the training loop");
  }

  @Override
  public void setCollectTrainingStats(boolean collect) {
    if (collect) {
      throw new UnsupportedOperationException(
          "AeronTrainingMaster always measures; use lastEpoch() after fit");
    }
  }

  @Override
  public boolean getIsCollectTrainingStats() {
    return false;
  }

  @Override
  public SparkTrainingStats getTrainingStats() {
    throw new UnsupportedOperationException(
        "AeronTrainingMaster has no SparkTrainingStats; use lastEpoch() after fit");
  }

  @Override
  public String toJson() {
    return write(new ObjectMapper());
  }

  @Override
  public String toYaml() {
    return write(new ObjectMapper(new YAMLFactory()));
  }

  private String write(ObjectMapper mapper) {
    var transport = settings.averaging().transport();
    var node = mapper.createObjectNode();
    node.put("ranks", settings.ranks());
    node.put("batchSizePerRank", settings.batchSizePerRank());
    node.put("threadsPerRank", settings.computation().threads());
    node.put("replicasPerRank", settings.computation().replicas());
    node.put("precision", settings.computation().precision().toString());
    node.put("slotsTimeoutSeconds", settings.slotsTimeout().toSeconds());
    node.put("peerTimeoutSeconds", transport.peerTimeout().toSeconds());
    node.put("mtuBytes", transport.mtu());
    node.put("directory", transport.directory());
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the settings could not be written", e);
    }
  }

  /** True: training leaves no temporary files. */
  @Override
  public boolean deleteTempFiles(JavaSparkContext spark) {
    return true;
  }

  /** True: training leaves no temporary files. */
  @Override
  public boolean deleteTempFiles(SparkContext spark) {
    return true;
  }
}
