package org.murmuration.worker.data.cifar;

import java.util.List;
import org.murmuration.worker.data.Split;

/**
 * What distinguishes the data sets in CIFAR's binary format.
 *
 * @param name of the data set
 * @param labelBytes bytes of a record before its pixels
 * @param labelAt which of these is the label
 * @param classes labels are 0 to this, less one
 * @param trainFiles in the order of their records
 * @param testFiles in the order of their records
 * @param namesFile a line of text for each class
 * @param folder that the official archive unpacks to
 * @param archive the name of the official archive
 */
public record CifarFormat(
    String name,
    int labelBytes,
    int labelAt,
    int classes,
    List<String> trainFiles,
    List<String> testFiles,
    String namesFile,
    String folder,
    String archive) {

  /** 60,000 images of 10 classes. */
  public static final CifarFormat CIFAR10 =
      new CifarFormat(
          "CIFAR-10",
          1,
          0,
          Cifar10.CLASSES,
          List.of(
              "data_batch_1.bin",
              "data_batch_2.bin",
              "data_batch_3.bin",
              "data_batch_4.bin",
              "data_batch_5.bin"),
          List.of("test_batch.bin"),
          "batches.meta.txt",
          "cifar-10-batches-bin",
          "cifar-10-binary.tar.gz");

  /** 60,000 images of 100 classes: of the two labels of a record, the fine one. */
  public static final CifarFormat CIFAR100 =
      new CifarFormat(
          "CIFAR-100",
          2,
          1,
          100,
          List.of("train.bin"),
          List.of("test.bin"),
          "fine_label_names.txt",
          "cifar-100-binary",
          "cifar-100-binary.tar.gz");

  /** Bytes of a record: the labels and the pixels. */
  int recordBytes() {
    return labelBytes + Cifar10.SHAPE.bytes();
  }

  /** The files of a split, in the order of their records. */
  List<String> files(Split split) {
    return split == Split.TRAIN ? trainFiles : testFiles;
  }
}
