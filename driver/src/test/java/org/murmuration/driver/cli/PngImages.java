package org.murmuration.driver.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Images of CIFAR's size as PNG files, by another encoder and decoder than the one under test. */
public final class PngImages {
  private static final int SIDE = 32;

  private PngImages() {}

  /** The samples of an image, channel by channel, as another decoder reads them. */
  static byte[] read(Path file) throws IOException {
    var image = ImageIO.read(file.toFile());
    var planes = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = image.getRGB(i % SIDE, i / SIDE);
      for (int channel = 0; channel < 3; channel++) {
        planes[channel * SIDE * SIDE + i] = (byte) (rgb >> (16 - 8 * channel));
      }
    }
    return planes;
  }

  /** Writes an image whose samples lie channel by channel from an offset on. */
  public static void write(Path file, byte[] pixels, int offset) throws IOException {
    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = 0;
      for (int channel = 0; channel < 3; channel++) {
        rgb = (rgb << 8) | Byte.toUnsignedInt(pixels[offset + channel * SIDE * SIDE + i]);
      }
      image.setRGB(i % SIDE, i / SIDE, rgb);
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }
}
