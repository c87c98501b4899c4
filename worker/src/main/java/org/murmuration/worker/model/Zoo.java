package org.murmuration.worker.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;

/**
 * Networks by name, each without its output layer, which {@link NetworkBuilder} adds. Parameters
 * are counted for images of 3x32x32 and 10 classes; DL4J also counts the running mean and variance
 * of batch normalisation as parameters.
 *
 * <table>
 * <caption>The networks</caption>
 * <tr><th>name</th><th>trained parameters</th><th>as DL4J counts</th></tr>
 * <tr><td>cifar-net</td><td>62,006</td><td>62,006</td></tr>
 * <tr><td>vgg-small</td><td>1,148,874</td><td>1,150,666</td></tr>
 * <tr><td>resnet-18</td><td>11,173,962</td><td>11,183,562</td></tr>
 * <tr><td>resnet-18-narrow</td><td>701,466</td><td>703,866</td></tr>
 * </table>
 */
public final class Zoo {
  private static final SortedMap<String, Consumer<Zoo>> NETWORKS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "cifar-net",
                  Zoo::cifarNet,
                  "vgg-small",
                  Zoo::vggSmall,
                  "resnet-18",
                  zoo -> zoo.resNet18(64),
                  "resnet-18-narrow",
                  zoo -> zoo.resNet18(16))));

  private final GraphAssembler graph;
  private final String place;

  private Zoo(GraphAssembler graph, String place) {
    this.graph = graph;
    this.place = place;
  }

  /** The names that exist, sorted. */
  public static SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(NETWORKS.keySet()));
  }

  /**
   * Adds the named network where the graph stands.
   *
   * @throws IllegalArgumentException if no network has this name, or if it does not fit the image
   */
  static void append(String name, GraphAssembler graph) {
    Consumer<Zoo> network = NETWORKS.get(name);
    if (network == null) {
      throw new IllegalArgumentException(
          "there is no network \"%s\" in the zoo; there are %s"
              .formatted(name, String.join(", ", names())));
    }
    network.accept(new Zoo(graph, "in zoo network " + name));
  }

  /**
   * LeNet-5 (LeCun et al. 1998) with ReLU and max pooling, as PyTorch's CIFAR-10 tutorial has it.
   */
  private void cifarNet() {
    add(new LayerSpec.Conv(6, 5, 1, 0, false, true, ActivationKind.RELU));
    add(new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0));
    add(new LayerSpec.Conv(16, 5, 1, 0, false, true, ActivationKind.RELU));
    add(new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0));
    add(new LayerSpec.Dense(120, true, ActivationKind.RELU));
    add(new LayerSpec.Dense(84, true, ActivationKind.RELU));
  }

  /** After Simonyan and Zisserman 2015, with batch normalisation and without dense layers. */
  private void vggSmall() {
    vggStage(64);
    add(new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0));
    vggStage(128);
    add(new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0));
    vggStage(256);
    add(new LayerSpec.GlobalAveragePool());
  }

  private void vggStage(int filters) {
    for (int i = 0; i < 2; i++) {
      convAndNorm(filters, 3, 1);
      relu();
    }
  }

  /**
   * ResNet-18 (He et al. 2016) for small images: a stem of stride 1 without pooling, and 1x1
   * projections where the size changes.
   *
   * @param first the filters of the stem; 64 in the paper
   */
  private void resNet18(int first) {
    convAndNorm(first, 3, 1);
    relu();
    int stride = 1;
    for (int filters : new int[] {first, 2 * first, 4 * first, 8 * first}) {
      basicBlock(filters, stride);
      basicBlock(filters, 1);
      stride = 2;
    }
    add(new LayerSpec.GlobalAveragePool());
  }

  private void basicBlock(int filters, int stride) {
    GraphAssembler.Point start = graph.here();
    convAndNorm(filters, 3, stride);
    relu();
    convAndNorm(filters, 3, 1);
    GraphAssembler.Point residual = graph.here();
    graph.goOnFrom(start);
    if (stride != 1 || start.shape().channels() != filters) {
      convAndNorm(filters, 1, stride);
    }
    graph.sumWith(residual);
    relu();
  }

  /** A convolution that pads by kernel / 2, without bias, which the normalisation would undo. */
  private void convAndNorm(int filters, int kernel, int stride) {
    add(
        new LayerSpec.Conv(
            filters, kernel, stride, kernel / 2, false, false, ActivationKind.IDENTITY));
    add(new LayerSpec.BatchNorm(1e-5, 0.9));
  }

  private void relu() {
    add(new LayerSpec.Activation(ActivationKind.RELU));
  }

  private void add(LayerSpec layer) {
    graph.add(place, layer);
  }
}
