package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.murmuration.worker.model.LayerVisitor;

/**
 * A chain of libtorch's modules with the weights that every contender begins with. Layers are
 * appended one after the other. ReLU and sums are done in place, as torchvision's networks do.
 */
final class LibtorchNet implements LayerVisitor<UnaryOperator<Tensor>> {
  private final Module modules = new Module("net");
  private final List<UnaryOperator<Tensor>> chain = new ArrayList<>();
  private final torch.MemoryFormat format;
  private int registered;
  private int channels;
  private int height;
  private int width;

  /**
   * An empty network, whose output is its input.
   *
   * @param format how the weights of convolutions lie in memory
   */
  LibtorchNet(InputShape input, torch.MemoryFormat format) {
    this.format = format;
    channels = input.channels();
    height = input.height();
    width = input.width();
  }

  /** All modules, to be asked for parameters and set to training. */
  Module modules() {
    return modules;
  }

  /** Channels of what the last layer puts out. */
  int channels() {
    return channels;
  }

  /** The output for a batch. */
  Tensor forward(Tensor input) {
    var values = input;
    for (var layer : chain) {
      values = layer.apply(values);
    }
    return values;
  }

  /** Appends a layer. */
  LibtorchNet add(LayerSpec layer) {
    chain.add(layer.accept(this));
    return this;
  }

  /**
   * Appends the sum of two branches and a ReLU.
   *
   * @param main the layers of the one branch
   * @param shortcut the layers of the other, which may be none
   */
  LibtorchNet addResidual(List<LayerSpec> main, List<LayerSpec> shortcut) {
    int channelsBefore = channels;
    int heightBefore = height;
    int widthBefore = width;
    var mainBranch = branch(main);
    channels = channelsBefore;
    height = heightBefore;
    width = widthBefore;
    var shortcutBranch = branch(shortcut);
    chain.add(input -> mainBranch.apply(input).add_(shortcutBranch.apply(input)).relu_());
    return this;
  }

  private UnaryOperator<Tensor> branch(List<LayerSpec> layers) {
    var branch = layers.stream().map(layer -> layer.accept(this)).toList();
    return input -> {
      var values = input;
      for (var layer : branch) {
        values = layer.apply(values);
      }
      return values;
    };
  }

  @Override
  public UnaryOperator<Tensor> conv(LayerSpec.Conv spec) {
    var options = new Conv2dOptions(channels, spec.filters(), square(spec.kernel()));
    options.stride().put(square(spec.stride()));
    options.padding().put(square(spec.padding()));
    options.bias().put(spec.bias());
    var conv = register(new Conv2dImpl(options));
    int fanIn = channels * spec.kernel() * spec.kernel();
    var weights = Synthetic.weights(spec.filters(), fanIn);
    conv.weight()
        .__dispatch_set_data(
            Tensor.create(weights, spec.filters(), channels, spec.kernel(), spec.kernel())
                .contiguous(format));
    if (spec.bias()) {
      zero(conv.bias());
    }
    resize(spec.filters(), spec.kernel(), spec.stride(), spec.padding());
    return followedBy(conv::forward, spec.activation());
  }

  @Override
  public UnaryOperator<Tensor> dense(LayerSpec.Dense spec) {
    int inputs = channels * height * width;
    var options = new LinearOptions(inputs, spec.units());
    options.bias().put(spec.bias());
    var linear = register(new LinearImpl(options));
    linear
        .weight()
        .__dispatch_set_data(
            Tensor.create(Synthetic.weights(spec.units(), inputs), spec.units(), inputs));
    if (spec.bias()) {
      zero(linear.bias());
    }
    boolean flat = height == 1 && width == 1;
    channels = spec.units();
    height = 1;
    width = 1;
    return followedBy(
        input -> linear.forward(flat ? input : input.flatten(1, -1)), spec.activation());
  }

  @Override
  public UnaryOperator<Tensor> batchNorm(LayerSpec.BatchNorm spec) {
    var options = new BatchNormOptions(channels);
    options.eps().put(spec.epsilon());
    options.momentum().put(1 - spec.decay());
    var norm = register(new BatchNorm2dImpl(options));
    return norm::forward;
  }

  @Override
  public UnaryOperator<Tensor> pool(LayerSpec.Pool spec) {
    if (spec.kind() != PoolKind.MAX || spec.padding() != 0 || spec.kernel() != spec.stride()) {
      throw unsupported(spec);
    }
    resize(channels, spec.kernel(), spec.stride(), 0);
    return input -> torch.max_pool2d(input, spec.kernel(), spec.kernel());
  }

  @Override
  public UnaryOperator<Tensor> globalAveragePool(LayerSpec.GlobalAveragePool spec) {
    height = 1;
    width = 1;
    return input -> torch.adaptive_avg_pool2d(input, 1, 1).flatten(1, -1);
  }

  @Override
  public UnaryOperator<Tensor> activation(LayerSpec.Activation spec) {
    return followedBy(UnaryOperator.identity(), spec.kind());
  }

  @Override
  public UnaryOperator<Tensor> normalize(LayerSpec.Normalize spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> channelAffine(LayerSpec.ChannelAffine spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> colorTransform(LayerSpec.ColorTransform spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> normalizeByData(LayerSpec.NormalizeByData spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> statedConv(LayerSpec.StatedConv spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> gaborWaves(LayerSpec.GaborWaves spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> toneCurve(LayerSpec.ToneCurve spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> whiten(LayerSpec.Whiten spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> learnedAugment(LayerSpec.LearnedAugment spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> resize(LayerSpec.Resize spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> learnedResize(LayerSpec.LearnedResize spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> scale(LayerSpec.Scale spec) {
    throw unsupported(spec);
  }

  @Override
  public UnaryOperator<Tensor> dropout(LayerSpec.Dropout spec) {
    throw unsupported(spec);
  }

  private static UnaryOperator<Tensor> followedBy(
      UnaryOperator<Tensor> layer, ActivationKind activation) {
    return switch (activation) {
      case IDENTITY -> layer;
      case RELU -> input -> layer.apply(input).relu_();
      default ->
          throw new IllegalArgumentException(
              "the benchmarks have no activation %s in libtorch".formatted(activation));
    };
  }

  private static IllegalArgumentException unsupported(LayerSpec spec) {
    return new IllegalArgumentException("the benchmarks have no %s in libtorch".formatted(spec));
  }

  private <M extends Module> M register(M module) {
    return modules.register_module("layer" + registered++, module);
  }

  private static void zero(Tensor bias) {
    bias.__dispatch_set_data(Tensor.create(new float[(int) bias.numel()]));
  }

  private void resize(int newChannels, int kernel, int stride, int padding) {
    channels = newChannels;
    height = (height + 2 * padding - kernel) / stride + 1;
    width = (width + 2 * padding - kernel) / stride + 1;
  }

  private static LongPointer square(int size) {
    return new LongPointer(size, size);
  }
}
