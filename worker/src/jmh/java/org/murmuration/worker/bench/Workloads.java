package org.murmuration.worker.bench;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;

/**
 * What can be timed. A layer is timed in a small network: the output is the mean of each channel
 * and a dense layer. A layer that sits inside a network has to pass a gradient on, which nobody
 * computes for a first layer; so it gets a feeder, a 1x1 convolution from one channel. The workload
 * {@code frame-64@32} is a feeder and an output without a layer between them.
 */
final class Workloads {

  /** The networks of the zoo, with the optimizer's update. */
  static final List<Workload> NETWORKS =
      Stream.of("cifar-net", "vgg-small", "resnet-18").map(Workload::network).toList();

  /** Single layers, forward and backward. */
  static final List<Workload> LAYERS =
      List.of(
          first("conv-3-6-5x5@32", conv(6, 5, 0, true)),
          first("conv-3-64-3x3@32", conv(64, 3, 1, false)),
          inner("conv-6-16-5x5@14", 6, 14, conv(16, 5, 0, true)),
          inner("conv-64-64-3x3@32", 64, 32, conv(64, 3, 1, false)),
          inner("conv-64-128-3x3-stride2@32", 64, 32, conv(128, 3, 2, 1, false)),
          inner("conv-128-128-3x3@16", 128, 16, conv(128, 3, 1, false)),
          inner("conv-256-256-3x3@8", 256, 8, conv(256, 3, 1, false)),
          inner("conv-512-512-3x3@4", 512, 4, conv(512, 3, 1, false)),
          inner(
              "batchnorm-relu-64@32",
              64,
              32,
              new LayerSpec.BatchNorm(1e-5, 0.9),
              new LayerSpec.Activation(ActivationKind.RELU)),
          inner("maxpool-2x2-64@32", 64, 32, new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0)),
          Workload.layers(
              "dense-400-120",
              new InputShape(1, 5, 5),
              feeder(16),
              new LayerSpec.Dense(120, true, ActivationKind.IDENTITY)),
          inner("frame-64@32", 64, 32));

  private Workloads() {}

  /**
   * The workloads of a name, or of the groups {@code networks} and {@code layers}; otherwise those
   * whose names begin like this.
   *
   * @throws IllegalArgumentException if there is none
   */
  static List<Workload> named(String name) {
    var found =
        switch (name) {
          case "networks" -> NETWORKS;
          case "layers" -> LAYERS;
          default -> all().filter(workload -> workload.name().startsWith(name)).toList();
        };
    if (found.isEmpty()) {
      throw unknown(name);
    }
    return found;
  }

  /**
   * The workload of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Workload exactly(String name) {
    return all()
        .filter(workload -> workload.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "there is no workload \"%s\"; there are networks, layers, %s"
            .formatted(name, all().map(Workload::name).collect(Collectors.joining(", "))));
  }

  private static Stream<Workload> all() {
    return Stream.concat(NETWORKS.stream(), LAYERS.stream());
  }

  private static Workload first(String name, LayerSpec layer) {
    return Workload.layers(
        name, new InputShape(3, 32, 32), layer, new LayerSpec.GlobalAveragePool());
  }

  private static Workload inner(String name, int channels, int size, LayerSpec... layers) {
    var all =
        Stream.of(
                Stream.of(feeder(channels)),
                Stream.of(layers),
                Stream.of(new LayerSpec.GlobalAveragePool()))
            .<LayerSpec>flatMap(part -> part)
            .toArray(LayerSpec[]::new);
    return Workload.layers(name, new InputShape(1, size, size), all);
  }

  private static LayerSpec feeder(int channels) {
    return conv(channels, 1, 0, false);
  }

  private static LayerSpec conv(int filters, int kernel, int padding, boolean bias) {
    return conv(filters, kernel, 1, padding, bias);
  }

  private static LayerSpec conv(int filters, int kernel, int stride, int padding, boolean bias) {
    return new LayerSpec.Conv(
        filters, kernel, stride, padding, false, bias, ActivationKind.IDENTITY);
  }
}
