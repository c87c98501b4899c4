package org.murmuration.worker.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.Computations;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What computing activations again saves, and what it costs: of ResNet-18, whose pixels are of no
 * account, and of a UNet on pictures and masks of CamVid.
 */
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Prints the memory and the time of a training step of ResNet-18 and of a UNet by the number of segments.")
final class MemoryTable implements Callable<Integer> {
  private static final List<Integer> SEGMENTS = List.of(1, 2, 3, 4, 6, 8, 0);
  private static final int LEVELS = 4;

  @Option(names = "--threads", defaultValue = "1", description = "threads per operation")
  private int threads;

  @Option(names = "--batch", defaultValue = "64", description = "images of ResNet-18")
  private int batch;

  @Option(names = "--pixel-batch", defaultValue = "4", description = "images of the UNet")
  private int pixelBatch;

  @Option(
      names = "--camvid",
      required = true,
      description = "the folder with images and masks of CamVid")
  private Path camVid;

  @Option(names = "--runs", defaultValue = "5", description = "steps, of which the median counts")
  private int runs;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MemoryTable()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    NativeBackend.prepare(threads);
    System.out.printf("%d threads, %s%n%n", threads, Host.processor());
    var table = new MarkdownTable(List.of("network", "segments", "activations", "ms per step"));
    var cell = new Cell(Workloads.exactly("resnet-18"), batch, threads);
    var resNet = new ComputationGraph(Dl4jGraphs.configuration(cell));
    resNet.init();
    resNet.initGradientsView();
    Dl4jGraphs.fill(resNet);
    add(table, "ResNet-18, %d images of 32 x 32".formatted(batch), resNet, Dl4jGraphs.batch(cell));
    add(
        table,
        "UNet, %d images of CamVid, 240 x 176".formatted(pixelBatch),
        unet(),
        new CamVid(camVid).batch(pixelBatch));
    System.out.println(table);
    return 0;
  }

  private void add(MarkdownTable table, String name, ComputationGraph graph, MultiDataSet data) {
    for (int segments : SEGMENTS) {
      var settings = new ComputationSettings(Precision.FP32, threads, 1, 1, segments);
      var bytes = Computations.memory(graph, settings, data).activations().orElseThrow();
      table.add(
          List.of(
              name,
              segments == 0 ? "auto" : Integer.toString(segments),
              String.format(Locale.ROOT, "%.0f MiB", bytes / (double) (1 << 20)),
              String.format(Locale.ROOT, "%.0f", milliseconds(graph, settings, data))));
    }
  }

  private double milliseconds(
      ComputationGraph graph, ComputationSettings settings, MultiDataSet data) {
    try (var computation = Computations.of(graph, settings)) {
      computation.computeGradient(data, GradientListener.NONE);
      var times = new double[runs];
      for (int i = 0; i < runs; i++) {
        long start = System.nanoTime();
        computation.computeGradient(data, GradientListener.NONE);
        times[i] = (System.nanoTime() - start) / 1e6;
      }
      Arrays.sort(times);
      return times[runs / 2];
    }
  }

  /**
   * Ronneberger et al. 2015 with a quarter of its filters, batch normalisation, and repeated
   * pixels.
   */
  private static ComputationGraph unet() {
    var builder =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .updater(new Adam(1e-3))
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(CamVid.HEIGHT, CamVid.WIDTH, 3));
    var last = "image";
    for (int level = 0; level < LEVELS; level++) {
      last = block(builder, "down" + level, 16 << level, last);
      builder.addLayer(
          "pool" + level,
          new SubsamplingLayer.Builder(
                  SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
              .build(),
          last);
      last = "pool" + level;
    }
    last = block(builder, "bottom", 16 << LEVELS, last);
    for (int level = LEVELS - 1; level >= 0; level--) {
      builder.addLayer("up" + level, new Upsampling2D.Builder().size(2).build(), last);
      builder.addVertex("skip" + level, new MergeVertex(), "up" + level, "down" + level + "b-norm");
      last = block(builder, "join" + level, 16 << level, "skip" + level);
    }
    builder.addLayer(
        "logits",
        new ConvolutionLayer.Builder(1, 1)
            .nOut(CamVid.CLASSES)
            .activation(Activation.IDENTITY)
            .build(),
        last);
    builder.addLayer(
        "pixels",
        new CnnLossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build(),
        "logits");
    var graph = new ComputationGraph(builder.setOutputs("pixels").build());
    graph.init();
    graph.initGradientsView();
    return graph;
  }

  /** Two convolutions, each with its normalisation; returns the last. */
  private static String block(GraphBuilder builder, String name, int filters, String input) {
    var last = input;
    for (var half : List.of("a", "b")) {
      builder.addLayer(
          name + half,
          new ConvolutionLayer.Builder(3, 3)
              .padding(1, 1)
              .nOut(filters)
              .hasBias(false)
              .activation(Activation.IDENTITY)
              .build(),
          last);
      builder.addLayer(
          name + half + "-norm",
          new BatchNormalization.Builder().activation(Activation.RELU).build(),
          name + half);
      last = name + half + "-norm";
    }
    return last;
  }
}
