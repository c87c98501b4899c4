package org.murmuration.worker.accel.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class ConvolutionByOpsTest {

  /** Along the height and along the width. */
  record Two(int height, int width) {
    int[] array() {
      return new int[] {height, width};
    }
  }

  private static final Two NONE = new Two(0, 0);

  record Window(Two kernel, Two stride, Two padding, ConvolutionMode mode) {}

  record Images(int samples, int channels, int height, int width, Memory memory) {}

  /** Always the same windows: in one of some thousands a gradient cancels to nearly nothing. */
  @Property(tries = 120, seed = "4", edgeCases = EdgeCasesMode.NONE)
  void shouldComputeWhatDl4jDoesInDoublePrecision(
      @ForAll("images") Images images,
      @ForAll("windows") Window window,
      @ForAll("filters") int filters,
      @ForAll boolean bias,
      @ForAll("activations") Activation activation,
      @ForAll int seed) {
    var twins =
        Twins.of(
            new ConvolutionLayer.Builder(window.kernel.array())
                .stride(window.stride.array())
                .padding(window.padding.array())
                .convolutionMode(window.mode)
                .nOut(filters)
                .hasBias(bias)
                .activation(activation)
                .build(),
            InputType.convolutional(images.height, images.width, images.channels));
    var random = new Random(seed);
    var input = Twins.random(random, images.samples, images.channels, images.height, images.width);

    assertThat(twins.helped().getHelper()).isEqualTo(new ConvolutionByOps(bias));
    twins.shouldAgreeForward(input, images.memory, false);
    twins.shouldAgree(input, random, images.memory);
  }

  @Provide
  Arbitrary<Images> images() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 7),
            Arbitraries.of(1, 2, 3, 5, 16, 17),
            Arbitraries.integers().between(5, 13),
            Arbitraries.integers().between(5, 13),
            Arbitraries.of(Memory.class))
        .as(Images::new);
  }

  @Provide
  Arbitrary<Integer> filters() {
    return Arbitraries.of(1, 2, 3, 7, 16, 18, 32);
  }

  @Provide
  Arbitrary<Activation> activations() {
    return Arbitraries.of(Activation.IDENTITY, Activation.TANH, Activation.SIGMOID);
  }

  @Provide
  Arbitrary<Window> windows() {
    return Combinators.combine(
            pair(Arbitraries.integers().between(1, 5)),
            pair(Arbitraries.integers().between(1, 3)),
            pair(Arbitraries.of(0, 0, 1, 2)),
            Arbitraries.of(ConvolutionMode.Truncate, ConvolutionMode.Same))
        .as(Window::new)
        .filter(window -> window.mode != ConvolutionMode.Same || suitsSame(window));
  }

  /** DL4J refuses padding here, and a stride that leaves pixels out. */
  private static boolean suitsSame(Window window) {
    return window.padding.equals(NONE)
        && window.stride.height <= window.kernel.height
        && window.stride.width <= window.kernel.width;
  }

  private static Arbitrary<Two> pair(Arbitrary<Integer> values) {
    return Combinators.combine(values, values).as(Two::new);
  }

  @Example
  void shouldDeclineWhatThePlatformRefuses() {
    var one = new int[] {1, 1};
    assertThat(computes(DataType.FLOAT, CNN2DFormat.NCHW, one)).isTrue();
    assertThat(computes(DataType.DOUBLE, CNN2DFormat.NCHW, one)).isFalse();
    assertThat(computes(DataType.FLOAT, CNN2DFormat.NHWC, one)).isFalse();
    assertThat(computes(DataType.FLOAT, CNN2DFormat.NCHW, new int[] {1, 2})).isFalse();
  }

  private static boolean computes(DataType dataType, CNN2DFormat format, int[] dilation) {
    var output =
        new ConvolutionByOps(true)
            .preOutput(
                Nd4j.rand(dataType, 2, 3, 8, 8),
                Nd4j.rand(dataType, 4, 3, 3, 3),
                Nd4j.rand(dataType, 1, 4),
                new int[] {3, 3},
                new int[] {1, 1},
                new int[] {0, 0},
                null,
                null,
                ConvolutionMode.Truncate,
                dilation,
                format,
                LayerWorkspaceMgr.noWorkspaces());
    return output != null;
  }
}
