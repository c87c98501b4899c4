package org.murmuration.worker.data.image;

import java.util.OptionalInt;
import org.bytedeco.opencv.global.opencv_imgproc;

/** The channels of an image, in their order; each goes from 0 to 255. */
public enum Colors {
  /** Red, green, blue. */
  RGB(3, OptionalInt.empty()),
  /** Blue, green, red. */
  BGR(3, OptionalInt.of(opencv_imgproc.COLOR_RGB2BGR)),
  /** Luma, by ITU-R BT.601. */
  GRAY(1, OptionalInt.empty()),
  /** Hue (0 to 179, in steps of two degrees), saturation, value. */
  HSV(3, OptionalInt.of(opencv_imgproc.COLOR_RGB2HSV)),
  /** CIE 1976 L*a*b*: L* scaled to 255, a* and b* with 128 added. */
  LAB(3, OptionalInt.of(opencv_imgproc.COLOR_RGB2Lab)),
  /** Luma, then the differences of red and of blue to it, by ITU-R BT.601. */
  YCRCB(3, OptionalInt.of(opencv_imgproc.COLOR_RGB2YCrCb));

  private final int channels;

  /** OpenCV's code for the conversion from red, green and blue; empty where decoding is all. */
  @SuppressWarnings("ImmutableEnumChecker") // It is a value.
  private final OptionalInt conversion;

  Colors(int channels, OptionalInt conversion) {
    this.channels = channels;
    this.conversion = conversion;
  }

  /** Whether this is what decoding gives, so that nothing is left to convert. */
  public boolean isDecoded() {
    return conversion.isEmpty();
  }

  OptionalInt conversion() {
    return conversion;
  }

  /** How many there are. */
  public int channels() {
    return channels;
  }
}
