package org.murmuration.worker.accel.onednn;

/**
 * How a kernel moves over an image. All pairs are height, width.
 *
 * @param kernel the kernel's size
 * @param stride the step from one output to the next
 * @param dilation the distance between two cells of the kernel, 1 when dense
 * @param before the padding at the top and at the left
 * @param after the padding at the bottom and at the right; negative when the kernel leaves out the
 *     last rows or columns
 */
public record Window(Pair kernel, Pair stride, Pair dilation, Pair before, Pair after) {

  /** Height and width of something. */
  public record Pair(long height, long width) {
    long[] array() {
      return new long[] {height, width};
    }

    /** oneDNN counts the cells between two cells of the kernel. */
    long[] minusOne() {
      return new long[] {height - 1, width - 1};
    }
  }

  /** A kernel of one pixel. */
  public static Window single() {
    return whole(1, 1);
  }

  /** A kernel that covers all of an image of this size. */
  public static Window whole(long height, long width) {
    var none = new Pair(0, 0);
    var one = new Pair(1, 1);
    return new Window(new Pair(height, width), one, one, none, none);
  }
}
