package org.murmuration.worker.bench;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;

/** PyTorch's C++ library, in training mode. */
final class LibtorchTraining implements Training {
  private final LibtorchNet net;
  private final SGD optimizer;
  private final Tensor images;
  private final Tensor labels;

  private LibtorchTraining(Cell cell, torch.MemoryFormat format) {
    torch.set_num_threads(cell.threads());
    net = network(cell.workload(), format);
    net.modules().train(true);
    optimizer = optimizer(net);
    var image = cell.workload().input();
    images =
        Tensor.create(
                Synthetic.images(cell.pixels()),
                cell.batch(),
                image.channels(),
                image.height(),
                image.width())
            .contiguous(format);
    labels =
        Tensor.create(
            Arrays.stream(Synthetic.labels(cell.batch())).asLongStream().toArray(), cell.batch());
  }

  /** Images as NCHW, PyTorch's default. */
  static Training contiguous(Cell cell) {
    return new LibtorchTraining(cell, torch.MemoryFormat.Contiguous);
  }

  /** Images and the weights of convolutions as NHWC. */
  static Training channelsLast(Cell cell) {
    return new LibtorchTraining(cell, torch.MemoryFormat.ChannelsLast);
  }

  private static LibtorchNet network(Workload workload, torch.MemoryFormat format) {
    var net = new LibtorchNet(workload.input(), format);
    workload.zoo().ifPresent(name -> LibtorchZoo.append(name, net));
    workload.layers().forEach(net::add);
    return net.add(new LayerSpec.Dense(Workload.CLASSES, true, ActivationKind.IDENTITY));
  }

  private static SGD optimizer(LibtorchNet net) {
    var options = new SGDOptions(Optimizer.LEARNING_RATE);
    options.momentum().put(Optimizer.MOMENTUM);
    return new SGD(net.modules().parameters(), options);
  }

  @Override
  public double train() {
    return step(true);
  }

  @Override
  public double differentiate() {
    return step(false);
  }

  /** The scope frees the step's tensors at its end, as Python does. */
  private double step(boolean update) {
    var scope = new PointerScope();
    try {
      optimizer.zero_grad();
      var loss = torch.cross_entropy_loss(net.forward(images), labels);
      loss.backward();
      if (update) {
        optimizer.step();
      }
      return loss.item_double();
    } finally {
      scope.close();
    }
  }

  @Override
  public long trainedParameters() {
    return Arrays.stream(net.modules().parameters().get()).mapToLong(Tensor::numel).sum();
  }

  @Override
  public String engine() {
    boolean oneDnn = torch.hasMKLDNN() && torch.globalContext().userEnabledMkldnn();
    return "libtorch %s, its oneDNN %s"
        .formatted(
            torch.class.getPackage().getImplementationVersion(),
            oneDnn ? torch.get_mkldnn_version().getString() : "off");
  }

  @Override
  public void close() {
    optimizer.close();
    images.close();
    labels.close();
    net.modules().close();
  }
}
