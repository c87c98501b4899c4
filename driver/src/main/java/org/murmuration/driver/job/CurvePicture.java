package org.murmuration.driver.job;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.murmuration.worker.model.LearnedLayers.Curve;

/**
 * A picture of tone curves, side by side: for each layer what channels make of what comes in, from
 * left to right and upwards alike. The gray line is what they start as.
 */
final class CurvePicture {
  private static final int SIDE = 256;
  private static final int GAP = 8;
  private static final List<Color> RGB =
      List.of(new Color(200, 0, 0), new Color(0, 140, 0), new Color(0, 0, 200));

  private CurvePicture() {}

  static BufferedImage draw(List<Curve> curves) {
    int width = curves.size() * (SIDE + GAP) + GAP;
    var image = new BufferedImage(width, SIDE + 2 * GAP, BufferedImage.TYPE_INT_RGB);
    var graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < curves.size(); i++) {
      graphics.setClip(GAP + i * (SIDE + GAP), GAP, SIDE, SIDE);
      draw(graphics, curves.get(i), GAP + i * (SIDE + GAP));
    }
    graphics.dispose();
    return image;
  }

  private static void draw(Graphics2D graphics, Curve curve, int left) {
    graphics.setColor(Color.LIGHT_GRAY);
    graphics.drawLine(left, GAP + SIDE, left + SIDE, GAP);
    graphics.setStroke(new BasicStroke(1.5f));
    int channels = curve.points().get(0).y().size();
    for (int channel = 0; channel < channels; channel++) {
      graphics.setColor(channels == RGB.size() ? RGB.get(channel) : Color.BLACK);
      graphics.draw(line(curve, channel, left));
    }
  }

  private static Path2D line(Curve curve, int channel, int left) {
    double from = curve.points().get(0).x();
    double to = curve.points().get(curve.points().size() - 1).x();
    var line = new Path2D.Double();
    for (var point : curve.points()) {
      double x = left + SIDE * (point.x() - from) / (to - from);
      double y = GAP + SIDE - SIDE * (point.y().get(channel) - from) / (to - from);
      if (line.getCurrentPoint() == null) {
        line.moveTo(x, y);
      } else {
        line.lineTo(x, y);
      }
    }
    return line;
  }
}
