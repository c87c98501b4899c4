package org.murmuration.worker.data.augment;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.murmuration.worker.data.image.Distortions;
import org.murmuration.worker.data.image.Raster;

/** An image, and perhaps its mask, while they are changed. What is replaced is closed. */
public final class Canvas implements AutoCloseable {
  /** The level of what comes from beside an image. */
  static final int BESIDE = 0;

  private final int targetWidth;
  private final int targetHeight;
  private final int ignore;
  private Raster image;
  private Optional<Raster> mask;

  /**
   * Takes image and mask, and closes them.
   *
   * @param targetWidth that the image is to have in the end
   * @param targetHeight that the image is to have in the end
   * @param ignore the class of pixels beside the image
   */
  Canvas(Raster image, Optional<Raster> mask, int targetWidth, int targetHeight, int ignore) {
    this.image = image;
    this.mask = mask;
    this.targetWidth = targetWidth;
    this.targetHeight = targetHeight;
    this.ignore = ignore;
  }

  /** As it is now. */
  public Raster image() {
    return image;
  }

  /** As it is now. */
  public Optional<Raster> mask() {
    return mask;
  }

  /** Columns of the image as it is now. */
  public int width() {
    return image.width();
  }

  /** Rows of the image as it is now. */
  public int height() {
    return image.height();
  }

  /** Columns that the image is to have in the end. */
  int targetWidth() {
    return targetWidth;
  }

  /** Rows that the image is to have in the end. */
  int targetHeight() {
    return targetHeight;
  }

  /** Replaces colours; the mask stays. */
  void recolour(UnaryOperator<Raster> change) {
    try (var before = image) {
      image = change.apply(before);
    }
  }

  void flip(boolean leftAndRight) {
    move(picture -> Distortions.flipped(picture, leftAndRight));
  }

  void crop(int left, int top, int width, int height) {
    move(picture -> picture.cropped(left, top, width, height));
  }

  void pad(int border) {
    recolour(picture -> picture.padded(border, border, border, border, BESIDE));
    remask(picture -> picture.padded(border, border, border, border, ignore));
  }

  void resize(int width, int height) {
    recolour(picture -> picture.resized(width, height));
    remask(picture -> picture.resizedToNearest(width, height));
  }

  /** As {@link Distortions#warped}. */
  void warp(double... map) {
    recolour(picture -> Distortions.warped(picture, map, BESIDE, false));
    remask(picture -> Distortions.warped(picture, map, ignore, true));
  }

  private void move(UnaryOperator<Raster> change) {
    recolour(change);
    remask(change);
  }

  private void remask(UnaryOperator<Raster> change) {
    if (mask.isPresent()) {
      try (var before = mask.get()) {
        mask = Optional.of(change.apply(before));
      }
    }
  }

  @Override
  public void close() {
    image.close();
    mask.ifPresent(Raster::close);
  }
}
