package org.murmuration.worker.accel.helper;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.murmuration.worker.accel.NativeBackend;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Gives the layers of any DL4J network helpers that compute with libnd4j's operations, and so with
 * oneDNN or cuDNN. DL4J itself computes these layers with several times slower code.
 *
 * <p>Three kinds of layers get one, in single precision and in the order [N, channels, height,
 * width]:
 *
 * <ul>
 *   <li>two-dimensional convolution, unless it is dilated (oneDNN of this libnd4j refuses it) or
 *       its weights carry noise (with any helper DL4J never draws new noise);
 *   <li>batch normalisation, unless gamma and beta are locked (DL4J asks helpers for them
 *       differently when it trains and when it predicts);
 *   <li>local response normalisation.
 * </ul>
 *
 * <p>What else DL4J computes by libnd4j's operation without being helped (pooling, deconvolution,
 * depthwise and separable convolution, one- and three-dimensional convolution) gets none: there is
 * nothing to gain. Pooling has a helper in DL4J 1.0.0-M2.1, but its forward pass never asks it.
 *
 * <p>How a helper gets into its layer: each layer keeps it in a field that only DL4J's packages may
 * write, and fills it in its constructor by the name of a class of DL4J's. Reflection on that one
 * field is the least bad way in. A class of ours in DL4J's packages could write it without
 * reflection, but no longer where the two jars have different class loaders, which Spark decides; a
 * class under the name that DL4J looks for would depend on the order of the class path; subclasses
 * of the layers would be in the saved model. Reflection fails at once, naming the field, should a
 * future DL4J lack it.
 */
public final class Helpers {
  private static final String FIELD = "helper";

  /** By the layer's exact class: subclasses compute something else. */
  private static final Map<Class<?>, Function<Layer, Optional<? extends LayerHelper>>> KINDS =
      Map.of(
          ConvolutionLayer.class, layer -> ConvolutionByOps.of(layer.conf()),
          BatchNormalization.class, layer -> BatchNormByOps.of(layer.conf()),
          LocalResponseNormalization.class, layer -> ResponseNormByOps.of(layer.conf()));

  private Helpers() {}

  /**
   * Gives helpers to the layers of a graph. DL4J makes new layers when it clones, converts or
   * initialises a graph: install again then.
   *
   * @param graph an initialised graph; nothing happens when it isn't in single precision, or when
   *     this ND4J comes without oneDNN and cuDNN
   */
  public static void install(ComputationGraph graph) {
    install(graph.getLayers(), graph.getConfiguration().getDataType());
  }

  /** The same for a network that is no graph. */
  public static void install(MultiLayerNetwork network) {
    install(network.getLayers(), network.getLayerWiseConfigurations().getDataType());
  }

  private static void install(Layer[] layers, DataType dataType) {
    if (dataType != DataType.FLOAT || !NativeBackend.info().hasPlatformOps()) {
      return;
    }
    for (var layer : layers) {
      install(unwrapped(layer));
    }
  }

  private static void install(Layer layer) {
    var kind = KINDS.get(layer.getClass());
    if (kind != null) {
      kind.apply(layer).ifPresent(helper -> set(layer, helper));
    }
  }

  /** Frozen layers and their like hold the layer that computes. */
  private static Layer unwrapped(Layer layer) {
    var inner = layer;
    while (inner instanceof BaseWrapperLayer wrapper) {
      inner = wrapper.getUnderlying();
    }
    return inner;
  }

  private static void set(Layer layer, LayerHelper helper) {
    try {
      Field field = layer.getClass().getDeclaredField(FIELD);
      field.setAccessible(true);
      field.set(layer, helper);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "%s has no field \"%s\" that takes a %s, as it has in DL4J 1.0.0-M2.1: run with that DL4J"
              .formatted(layer.getClass().getName(), FIELD, helper.getClass().getSimpleName()),
          e);
    }
  }
}
