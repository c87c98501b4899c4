package org.murmuration.driver.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.Contexts;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.spark.RankMemory.Part;
import org.murmuration.worker.accel.Computations;
import org.murmuration.worker.accel.MemoryNeed;
import org.murmuration.worker.data.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a rank takes beside the Java heap.
 *
 * @param network what the network takes
 * @param meanOfWeights bytes of the mean of the weights, if it is kept
 * @param imagesPerStep of one rank
 * @param images bytes that the rank's images take, at most
 */
record RankNeed(MemoryNeed network, long meanOfWeights, int imagesPerStep, long images) {

  /** Buffers of Aeron and of frames, for two neighbours around a ring. */
  private static final long EXCHANGE = 64L << 20;

  /** A large image of 16 bits, and the same at its final size. */
  private static final long DECODED = 384L << 20;

  private static final int UNKNOWN_CLASSES = 1000;

  /** A guess for networks that DL4J computes: what it allocates is several times the parameters. */
  private static final long UNFORESEEN_ACTIVATIONS = 512L << 20;

  /**
   * Foresees it; takes memory for parameters and gradients itself.
   *
   * @param ranks how many share the images of a step
   */
  static RankNeed of(
      JobConf conf,
      ComputationGraphConfiguration configuration,
      ImageShape shape,
      int classes,
      int ranks) {
    var graph = new ComputationGraph(configuration.clone());
    graph.init();
    graph.initGradientsView();
    var train = conf.train();
    int images = (train.batchSize() + ranks - 1) / ranks;
    var batch =
        new MultiDataSet(
            Nd4j.createUninitialized(
                DataType.UINT8, images, shape.channels(), shape.height(), shape.width()),
            Nd4j.createUninitialized(DataType.FLOAT, images, classes));
    var need = Computations.memory(graph, train.computation(), batch);
    return new RankNeed(
        need,
        train.averageDecay() > 0 ? need.parameters() : 0,
        images,
        conf.data().memoryPerRankBytes());
  }

  /**
   * What training takes, as far as it is known before the data is read.
   *
   * @param classes how many there are; a thousand are assumed when it isn't known
   */
  static RankNeed ofTraining(JobConf conf, ImageShape shape, OptionalInt classes) {
    var count = classes.orElse(UNKNOWN_CLASSES);
    var ranks = conf.train().ranks().least().orElse(Contexts.ranksPerExecutor());
    return of(conf, NetworkPlan.ofAnyLength(conf, shape, count), shape, count, ranks);
  }

  /**
   * What evaluating a saved model takes, guessed by the model's size.
   *
   * @param modelBytes of its file
   */
  static RankMemory ofEvaluation(JobConf conf, long modelBytes) {
    return new RankMemory(
        List.of(
            Part.of("network", 2 * modelBytes),
            Part.upTo("activations (not foreseen)", UNFORESEEN_ACTIVATIONS),
            Part.upTo("images", conf.data().memoryPerRankBytes()),
            Part.of("averaging", EXCHANGE)));
  }

  /** What a task takes that decodes images one after the other. */
  static RankMemory ofDecoding() {
    return new RankMemory(List.of(Part.upTo("decoded images", DECODED)));
  }

  /** Parameters, gradients and what belongs to them. */
  private long state() {
    return network.parameters() + network.gradients() + network.optimizerState() + meanOfWeights;
  }

  /** What the network takes in all; empty where DL4J computes it. */
  Optional<Long> together() {
    return network.activations().map(activations -> state() + activations);
  }

  /** All of it, part by part. */
  RankMemory memory() {
    List<Part> parts = new ArrayList<>();
    parts.add(Part.of("network", state()));
    parts.add(
        network
            .activations()
            .map(bytes -> Part.of("activations", bytes))
            .orElse(Part.upTo("activations (not foreseen)", UNFORESEEN_ACTIVATIONS)));
    parts.add(Part.upTo("images", images));
    parts.add(Part.of("averaging", EXCHANGE));
    return new RankMemory(parts, network.parameters() + network.optimizerState() + meanOfWeights);
  }
}
