package org.murmuration.driver.job;

import java.awt.image.BufferedImage;
import java.util.List;
import org.murmuration.worker.model.LearnedLayers.Filters;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A picture of filters: for each layer a row of what they started as and, below it, a row of what
 * they are. Gray is 0; each filter is as bright as its largest weight allows. Filters of three
 * channels are in colour, of others the channels' mean is shown.
 */
final class FilterPicture {
  private static final int SCALE = 8;
  private static final int GAP = 4;
  private static final int GRAY = 128;
  private static final int HALF = 127;
  private static final int BACKGROUND = 0xFFFFFF;

  private FilterPicture() {}

  static BufferedImage draw(List<Filters> layers) {
    int width =
        layers.stream().mapToInt(l -> (int) l.now().size(0) * cell(l.now(), 3)).max().orElse(0);
    int height = layers.stream().mapToInt(l -> 2 * cell(l.now(), 2)).sum();
    var image = new BufferedImage(width + GAP, height + GAP, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, BACKGROUND);
      }
    }
    int top = GAP;
    for (var layer : layers) {
      for (var filters : List.of(layer.start(), layer.now())) {
        for (int f = 0; f < filters.size(0); f++) {
          draw(image, filters, f, GAP + f * cell(filters, 3), top);
        }
        top += cell(filters, 2);
      }
    }
    return image;
  }

  private static int cell(INDArray filters, int dimension) {
    return (int) filters.size(dimension) * SCALE + GAP;
  }

  private static void draw(BufferedImage image, INDArray filters, int f, int left, int top) {
    int channels = (int) filters.size(1);
    int rows = (int) filters.size(2);
    int columns = (int) filters.size(3);
    double largest = 0;
    for (int i = 0; i < channels * rows * columns; i++) {
      double value = filters.getDouble(f, i / (rows * columns), i / columns % rows, i % columns);
      largest = Math.max(largest, Math.abs(value));
    }
    for (int y = 0; y < rows * SCALE; y++) {
      for (int x = 0; x < columns * SCALE; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          double value = 0;
          for (int k = 0; k < channels; k++) {
            boolean counts = channels != 3 || k == c;
            value += counts ? filters.getDouble(f, k, y / SCALE, x / SCALE) : 0;
          }
          double level = channels == 3 ? value : value / channels;
          rgb = rgb << 8 | GRAY + (int) Math.round(HALF * (largest == 0 ? 0 : level / largest));
        }
        image.setRGB(left + x, top + y, rgb);
      }
    }
  }
}
