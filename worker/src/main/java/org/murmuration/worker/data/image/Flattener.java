package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * Makes opaque pixels of 8 bits, gray or red, green and blue, of what OpenCV decodes.
 *
 * @param channels 1 or 3
 * @param background the level, 0 to 255, that transparent pixels lie on
 */
record Flattener(int channels, int background) {
  private static final int BYTE_MAX = 255;
  private static final int HALF = 127;
  private static final int COLOURS = 3;

  /** Follows the colours. */
  private static final int ALPHA = COLOURS;

  /** From 0..65535 to 0..255. */
  private static final double SHORT_TO_BYTE = 1.0 / 257;

  /**
   * @param decoded of 8 or 16 bits; if the header says that it may be transparent, then as it was
   *     stored: gray, or blue, green, red and perhaps alpha; else gray, or red, green and blue;
   *     changed in place
   */
  void flatten(Mat decoded, ImageHeader header) throws UndecodableImageException {
    if (header.transparentGray().isPresent() && decoded.channels() == 1) {
      hide(decoded, header.transparentGray().getAsInt());
    } else {
      toBytes(decoded);
    }
    if (header.mayBeTransparent()) {
      switch (decoded.channels()) {
        case COLOURS -> opencv_imgproc.cvtColor(decoded, decoded, opencv_imgproc.COLOR_BGR2RGB);
        case COLOURS + 1 -> compose(decoded);
        default -> {}
      }
    }
    if (decoded.channels() != channels) {
      opencv_imgproc.cvtColor(
          decoded,
          decoded,
          channels == 1 ? opencv_imgproc.COLOR_RGB2GRAY : opencv_imgproc.COLOR_GRAY2RGB);
    }
  }

  /** Samples of 16 bits are rounded to the nearest of 8. */
  private static void toBytes(Mat decoded) throws UndecodableImageException {
    switch (decoded.depth()) {
      case opencv_core.CV_8U -> {}
      case opencv_core.CV_16U -> decoded.convertTo(decoded, opencv_core.CV_8U, SHORT_TO_BYTE, 0);
      default ->
          throw new UndecodableImageException(
              Reason.UNSUPPORTED, "its samples are neither of 8 nor of 16 bits");
    }
  }

  /** Puts the background where a value stands that means transparent, of as many bits as stored. */
  private void hide(Mat decoded, int transparent) throws UndecodableImageException {
    try (var number = new DoublePointer(new double[] {transparent});
        var value = new Mat(1, 1, opencv_core.CV_64F, number);
        var hidden = new Mat();
        var level = new Scalar(background)) {
      opencv_core.compare(decoded, value, hidden, opencv_core.CMP_EQ);
      toBytes(decoded);
      try (var levels = new Mat(decoded.rows(), decoded.cols(), decoded.type(), level)) {
        levels.copyTo(decoded, hidden);
      }
    }
  }

  /** From blue, green, red and alpha to red, green and blue on the background. */
  private void compose(Mat decoded) {
    ByteBuffer stored = decoded.createBuffer();
    var pixel = new byte[COLOURS + 1];
    int pixels = decoded.rows() * decoded.cols();
    for (int i = 0; i < pixels; i++) {
      stored.get(i * pixel.length, pixel);
      int alpha = Byte.toUnsignedInt(pixel[ALPHA]);
      for (int colour = 0; colour < COLOURS; colour++) {
        int sum =
            Byte.toUnsignedInt(pixel[colour]) * alpha + background * (BYTE_MAX - alpha) + HALF;
        pixel[colour] = (byte) (sum / BYTE_MAX);
      }
      stored.put(i * pixel.length, pixel);
    }
    opencv_imgproc.cvtColor(decoded, decoded, opencv_imgproc.COLOR_BGRA2RGB);
  }
}
