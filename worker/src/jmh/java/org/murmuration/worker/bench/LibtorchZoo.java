package org.murmuration.worker.bench;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;

/** The networks of {@link org.murmuration.worker.model.Zoo}, written once more for libtorch. */
final class LibtorchZoo {
  private static final Map<String, Consumer<LibtorchNet>> NETWORKS =
      Map.of(
          "cifar-net", LibtorchZoo::cifarNet,
          "vgg-small", LibtorchZoo::vggSmall,
          "resnet-18", LibtorchZoo::resNet18);

  private static final LayerSpec RELU = new LayerSpec.Activation(ActivationKind.RELU);
  private static final LayerSpec BATCH_NORM = new LayerSpec.BatchNorm(1e-5, 0.9);
  private static final LayerSpec HALVE = new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0);

  private LibtorchZoo() {}

  /**
   * Appends the named network, without its output layer.
   *
   * @throws IllegalArgumentException if no network has this name
   */
  static void append(String name, LibtorchNet net) {
    var network = NETWORKS.get(name);
    if (network == null) {
      throw new IllegalArgumentException(
          "there is no network \"%s\" for libtorch; there are %s"
              .formatted(name, NETWORKS.keySet()));
    }
    network.accept(net);
  }

  private static void cifarNet(LibtorchNet net) {
    net.add(new LayerSpec.Conv(6, 5, 1, 0, false, true, ActivationKind.RELU))
        .add(HALVE)
        .add(new LayerSpec.Conv(16, 5, 1, 0, false, true, ActivationKind.RELU))
        .add(HALVE)
        .add(new LayerSpec.Dense(120, true, ActivationKind.RELU))
        .add(new LayerSpec.Dense(84, true, ActivationKind.RELU));
  }

  private static void vggSmall(LibtorchNet net) {
    vggStage(net, 64);
    net.add(HALVE);
    vggStage(net, 128);
    net.add(HALVE);
    vggStage(net, 256);
    net.add(new LayerSpec.GlobalAveragePool());
  }

  private static void vggStage(LibtorchNet net, int filters) {
    for (int i = 0; i < 2; i++) {
      net.add(conv(filters, 3, 1)).add(BATCH_NORM).add(RELU);
    }
  }

  private static void resNet18(LibtorchNet net) {
    net.add(conv(64, 3, 1)).add(BATCH_NORM).add(RELU);
    basicBlock(net, 64, 1);
    basicBlock(net, 64, 1);
    for (int filters : new int[] {128, 256, 512}) {
      basicBlock(net, filters, 2);
      basicBlock(net, filters, 1);
    }
    net.add(new LayerSpec.GlobalAveragePool());
  }

  private static void basicBlock(LibtorchNet net, int filters, int stride) {
    boolean sameSize = stride == 1 && net.channels() == filters;
    net.addResidual(
        List.of(conv(filters, 3, stride), BATCH_NORM, RELU, conv(filters, 3, 1), BATCH_NORM),
        sameSize ? List.of() : List.of(conv(filters, 1, stride), BATCH_NORM));
  }

  private static LayerSpec conv(int filters, int kernel, int stride) {
    return new LayerSpec.Conv(
        filters, kernel, stride, kernel / 2, false, false, ActivationKind.IDENTITY);
  }
}
