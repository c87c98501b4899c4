package org.murmuration.worker.data.cifar;

import java.util.List;
import org.murmuration.worker.data.ImageShape;

/** What is fixed about CIFAR-10. */
public final class Cifar10 {

  /** The shape of every image. */
  public static final ImageShape SHAPE = new ImageShape(3, 32, 32);

  /** The official names of the classes, by label. */
  public static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** The number of classes; labels are 0..9. */
  public static final int CLASSES = CLASS_NAMES.size();

  /** Records in each of the official files. */
  static final int OFFICIAL_RECORDS = 10_000;

  private Cifar10() {}
}
