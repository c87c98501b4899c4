package org.murmuration.worker.data.cifar;

/** The two parts of CIFAR-10. */
public enum Split {
  /** {@code data_batch_1.bin} to {@code data_batch_5.bin}: 50,000 records. */
  TRAIN,
  /** {@code test_batch.bin}: 10,000 records. */
  TEST
}
