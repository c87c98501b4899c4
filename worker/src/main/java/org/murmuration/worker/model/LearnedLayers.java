package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Layers that start as something that is known, such as the identity, so that what they have
 * learned can be told.
 */
public final class LearnedLayers {
  private static final String WEIGHTS = "W";
  private static final int POINTS = 129;

  private LearnedLayers() {}

  /**
   * One number that was learned.
   *
   * @param layer the layer's name
   * @param parameter what it is and for which channel, such as {@code weights 0, 2}
   * @param start what it was at first
   * @param now what it is
   */
  public record Learned(String layer, String parameter, double start, double now) {}

  /** Whether a layer starts as its configuration says, not at random. */
  static boolean startStated(Layer layer) {
    return layer.conf().getLayer() instanceof KernelLayer
        || startsAs(GaborInit.class, layer)
        || startsAs(WeightInitConstant.class, layer);
  }

  /**
   * The filters of a convolution that starts as something known.
   *
   * @param layer the layer's name
   * @param start [filters, channels, height, width]
   * @param now likewise
   */
  public record Filters(String layer, INDArray start, INDArray now) {}

  /** The filters of such convolutions, in the order of layers. */
  public static List<Filters> filters(ComputationGraph graph) {
    var start = start(graph);
    List<Filters> found = new ArrayList<>();
    for (int i = 0; i < graph.getNumLayers(); i++) {
      var layer = graph.getLayer(i);
      if (startsAs(GaborInit.class, layer)) {
        found.add(filters(layer, start.getLayer(i)));
      } else if (layer.conf().getLayer() instanceof GaborLayer waves) {
        found.add(
            new Filters(
                waves.getLayerName(),
                waves.filters(numbers(start.getLayer(i))),
                waves.filters(numbers(layer))));
      }
    }
    return found;
  }

  /**
   * A place of curves.
   *
   * @param x what comes in
   * @param y what each channel makes of it
   */
  public record Point(double x, List<Double> y) {}

  /**
   * The curves of a layer, which start as straight lines.
   *
   * @param layer the layer's name
   * @param points by rising x
   */
  public record Curve(String layer, List<Point> points) {}

  /** The curves of layers that have some, in the order of layers. */
  public static List<Curve> curves(ComputationGraph graph) {
    List<Curve> curves = new ArrayList<>();
    for (var layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof ToneCurveLayer conf) {
        curves.add(new Curve(conf.getLayerName(), conf.points(POINTS, numbers(layer))));
      }
    }
    return curves;
  }

  /** The network as it was before it learned, but for what starts at random. */
  private static ComputationGraph start(ComputationGraph graph) {
    var start = new ComputationGraph(graph.getConfiguration().clone());
    start.init();
    return start;
  }

  private static boolean startsAs(Class<?> init, Layer layer) {
    return layer.conf().getLayer() instanceof BaseLayer conf
        && init.isInstance(conf.getWeightInitFn());
  }

  private static Filters filters(Layer layer, Layer start) {
    return new Filters(
        layer.conf().getLayer().getLayerName(),
        start.getParam(WEIGHTS).dup('c'),
        layer.getParam(WEIGHTS).dup('c'));
  }

  /** Of each filter, how much of what it was is in it: the cosine of the angle between the two. */
  private static void addFilters(List<Learned> learned, Filters filters) {
    long count = filters.now.size(0);
    var before = filters.start.reshape('c', count, filters.start.length() / count);
    var after = filters.now.reshape('c', count, filters.now.length() / count);
    for (long f = 0; f < count; f++) {
      var was = before.getRow(f);
      var is = after.getRow(f);
      double cosine =
          Nd4j.getBlasWrapper().dot(was, is)
              / (was.norm2Number().doubleValue() * is.norm2Number().doubleValue());
      learned.add(new Learned(filters.layer, "likeness " + f, 1, cosine));
    }
  }

  /** All that such layers of a network have learned, in the order of layers. */
  public static List<Learned> of(ComputationGraph graph) {
    var start = start(graph);
    List<Learned> learned = new ArrayList<>();
    for (int i = 0; i < graph.getNumLayers(); i++) {
      var layer = graph.getLayer(i);
      if (layer.conf().getLayer() instanceof KernelLayer conf) {
        addReadings(learned, conf, start.getLayer(i), layer);
      } else if (startsAs(GaborInit.class, layer)) {
        addFilters(learned, filters(layer, start.getLayer(i)));
      } else if (startsAs(WeightInitConstant.class, layer)) {
        learned.add(new Learned(layer.conf().getLayer().getLayerName(), "norm", 0, norm(layer)));
      }
    }
    return learned;
  }

  private static void addReadings(List<Learned> learned, KernelLayer conf, Layer start, Layer now) {
    var before = conf.read(numbers(start));
    var after = conf.read(numbers(now));
    for (int i = 0; i < after.size(); i++) {
      learned.add(
          new Learned(
              conf.getLayerName(),
              after.get(i).name(),
              before.get(i).value(),
              after.get(i).value()));
    }
  }

  private static double norm(Layer layer) {
    return layer.getParam(WEIGHTS).norm2Number().doubleValue();
  }

  private static float[] numbers(Layer layer) {
    return layer.numParams() == 0
        ? new float[0]
        : layer.getParam(WEIGHTS).dup('c').data().asFloat();
  }
}
