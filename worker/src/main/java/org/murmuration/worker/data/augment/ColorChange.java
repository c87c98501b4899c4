package org.murmuration.worker.data.augment;

import org.murmuration.worker.data.image.Distortions;
import org.murmuration.worker.data.image.Raster;

/** Changes of colour, each by a factor of which 1 changes nothing. */
final class ColorChange {
  private static final int LEVELS = 256;
  private static final int COLOURS = 3;

  /** Luma by ITU-R BT.601. */
  private static final double[] LUMA = {0.299, 0.587, 0.114};

  private ColorChange() {}

  /** A function of levels. */
  interface LevelMap {
    double of(int level);
  }

  /** Levels times a factor. */
  static Raster brightness(Raster image, double factor) {
    return Distortions.mapped(image, table(level -> factor * level));
  }

  /** Levels further from the mean luma of the image, or nearer. */
  static Raster contrast(Raster image, double factor) {
    double mean = meanLuma(image);
    return Distortions.mapped(image, table(level -> mean + factor * (level - mean)));
  }

  /** Colours further from their luma, or nearer; gray images stay. */
  static Raster saturation(Raster image, double factor) {
    if (image.channels() == 1) {
      return image.withChannels(1);
    }
    var weights = new double[COLOURS * COLOURS];
    for (int row = 0; row < COLOURS; row++) {
      for (int column = 0; column < COLOURS; column++) {
        weights[row * COLOURS + column] =
            (1 - factor) * LUMA[column] + (row == column ? factor : 0);
      }
    }
    return Distortions.mixed(image, weights);
  }

  /** Hues turned; gray images stay. */
  static Raster hue(Raster image, double turns) {
    return image.channels() == 1 ? image.withChannels(1) : Distortions.hueTurned(image, turns);
  }

  /** Further from its smoothed self, or nearer. */
  static Raster sharpness(Raster image, double factor) {
    try (var smooth = Distortions.smoothed(image)) {
      return Distortions.blended(smooth, image, factor);
    }
  }

  /** Levels at or above the threshold turned over. */
  static Raster solarized(Raster image, double threshold) {
    return Distortions.mapped(
        image, table(level -> level >= threshold ? LEVELS - 1 - level : level));
  }

  /** Only the upper bits of each level. */
  static Raster posterized(Raster image, int bits) {
    int kept = -1 << (Byte.SIZE - bits);
    return Distortions.mapped(image, table(level -> level & kept));
  }

  /** Each channel stretched to all levels. */
  static Raster autocontrasted(Raster image) {
    var histograms = Distortions.histograms(image);
    var tables = new byte[histograms.length][];
    for (int channel = 0; channel < tables.length; channel++) {
      int least = first(histograms[channel]);
      int most = last(histograms[channel]);
      tables[channel] =
          least == most
              ? table(level -> level)
              : table(level -> (LEVELS - 1.0) * (level - least) / (most - least));
    }
    return Distortions.mapped(image, tables);
  }

  /** Each channel with about the same number of pixels of each level (Pillow's definition). */
  static Raster equalized(Raster image) {
    var histograms = Distortions.histograms(image);
    var tables = new byte[histograms.length][];
    for (int channel = 0; channel < tables.length; channel++) {
      tables[channel] = equalizing(histograms[channel]);
    }
    return Distortions.mapped(image, tables);
  }

  private static byte[] equalizing(int[] histogram) {
    int pixels = 0;
    for (int count : histogram) {
      pixels += count;
    }
    int step = (pixels - histogram[last(histogram)]) / (LEVELS - 1);
    if (step == 0) {
      return table(level -> level);
    }
    var levels = new int[LEVELS];
    int below = step / 2;
    for (int level = 0; level < LEVELS; level++) {
      levels[level] = below / step;
      below += histogram[level];
    }
    return table(level -> levels[level]);
  }

  private static double meanLuma(Raster image) {
    var histograms = Distortions.histograms(image);
    double pixels = (double) image.width() * image.height();
    double mean = 0;
    for (int channel = 0; channel < histograms.length; channel++) {
      double weight = histograms.length == 1 ? 1 : LUMA[channel];
      for (int level = 0; level < LEVELS; level++) {
        mean += weight * level * histograms[channel][level] / pixels;
      }
    }
    return mean;
  }

  private static int first(int[] histogram) {
    int level = 0;
    while (histogram[level] == 0) {
      level++;
    }
    return level;
  }

  private static int last(int[] histogram) {
    int level = LEVELS - 1;
    while (histogram[level] == 0) {
      level--;
    }
    return level;
  }

  private static byte[] table(LevelMap map) {
    var table = new byte[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      table[level] = (byte) Math.max(0, Math.min(LEVELS - 1, Math.round(map.of(level))));
    }
    return table;
  }
}
