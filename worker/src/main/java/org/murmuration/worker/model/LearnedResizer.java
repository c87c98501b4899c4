package org.murmuration.worker.model;

import org.murmuration.worker.model.LayerSpec.ActivationKind;

/**
 * The resizer of Talebi and Milanfar (Learning to Resize Images for Computer Vision Tasks, 2021): a
 * linear interpolation, and beside it a small network that adds to it what the classifier can use.
 * It starts as the interpolation: the last convolution is 0 at first. The network looks at the
 * image in its own size, interpolates what it has found, and goes on in the new size. Leaky units
 * have the slope 0.01 here, 0.2 in the paper.
 */
final class LearnedResizer {
  private static final int WIDE = 7;
  private static final int NARROW = 3;

  private final GraphAssembler graph;
  private final LayerSite site;

  /**
   * @param site where it stands
   */
  LearnedResizer(GraphAssembler graph, LayerSite site) {
    this.graph = graph;
    this.site = site;
  }

  /** Adds it where the graph stands. */
  void append(LayerSpec.LearnedResize spec) {
    int channels = site.image().channels();
    LayerSpec resize = new LayerSpec.Resize(spec.height(), spec.width());
    graph.learnAt(spec.rateFactor());
    var image = graph.here();
    add(conv(spec.filters(), WIDE, true, ActivationKind.LEAKY_RELU));
    add(conv(spec.filters(), 1, true, ActivationKind.LEAKY_RELU));
    addNorm();
    add(resize);
    var found = graph.here();
    for (int i = 0; i < spec.blocks(); i++) {
      addBlock(spec.filters());
    }
    add(conv(spec.filters(), NARROW, false, ActivationKind.IDENTITY));
    addNorm();
    graph.sumWith(found);
    add(
        new LayerSpec.StatedConv(
            conv(channels, WIDE, true, ActivationKind.IDENTITY),
            LayerSpec.Start.ZERO,
            spec.rateFactor()));
    var change = graph.here();
    graph.goOnFrom(image);
    add(resize);
    graph.sumWith(change);
    graph.learnAt(1);
  }

  private void addBlock(int filters) {
    var start = graph.here();
    add(conv(filters, NARROW, false, ActivationKind.IDENTITY));
    addNorm();
    add(new LayerSpec.Activation(ActivationKind.LEAKY_RELU));
    add(conv(filters, NARROW, false, ActivationKind.IDENTITY));
    addNorm();
    graph.sumWith(start);
  }

  private static LayerSpec.Conv conv(
      int filters, int kernel, boolean bias, ActivationKind activation) {
    return new LayerSpec.Conv(filters, kernel, 1, kernel / 2, false, bias, activation);
  }

  private void addNorm() {
    add(new LayerSpec.BatchNorm(1e-5, 0.9));
  }

  private void add(LayerSpec layer) {
    graph.add("%s (%s)".formatted(site.place(), site.name()), layer);
  }
}
