package org.murmuration.worker.bench;

import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Street scenes with a class for each pixel (Brostow et al. 2009), of 240 x 180 pixels, cut to a
 * height that halves four times.
 */
final class CamVid {
  static final int WIDTH = 240;
  static final int HEIGHT = 176;

  /** The last is void. */
  static final int CLASSES = 12;

  private static final int ABOVE = 2;

  private final Path folder;

  /**
   * @param folder with images and masks
   */
  CamVid(Path folder) {
    this.folder = folder;
  }

  /**
   * The first pictures as bytes, and for each class where it is.
   *
   * @throws IOException when they aren't there
   */
  MultiDataSet batch(int count) throws IOException {
    var images = files("images");
    var masks = files("masks");
    if (images.size() < count || masks.size() < count) {
      throw new FileNotFoundException(
          "%s has %d images and %d masks, %d of each are needed"
              .formatted(folder, images.size(), masks.size(), count));
    }
    var pixels = new float[count * 3 * HEIGHT * WIDTH];
    var classes = new float[count * CLASSES * HEIGHT * WIDTH];
    for (int i = 0; i < count; i++) {
      var image = ImageIO.read(images.get(i).toFile());
      var mask = ImageIO.read(masks.get(i).toFile());
      for (int at = 0; at < HEIGHT * WIDTH; at++) {
        for (int c = 0; c < 3; c++) {
          pixels[(i * 3 + c) * HEIGHT * WIDTH + at] = sample(image, at, c);
        }
        classes[(i * CLASSES + sample(mask, at, 0)) * HEIGHT * WIDTH + at] = 1;
      }
    }
    return new MultiDataSet(
        Nd4j.createFromArray(pixels).reshape('c', count, 3, HEIGHT, WIDTH).castTo(DataType.UINT8),
        Nd4j.createFromArray(classes).reshape('c', count, CLASSES, HEIGHT, WIDTH));
  }

  private static int sample(BufferedImage image, int at, int channel) {
    return image.getRaster().getSample(at % WIDTH, at / WIDTH + ABOVE, channel);
  }

  private List<Path> files(String kind) throws IOException {
    try (var found = Files.list(folder.resolve(kind))) {
      return found.sorted().toList();
    }
  }
}
