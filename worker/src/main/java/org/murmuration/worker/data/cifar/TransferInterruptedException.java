package org.murmuration.worker.data.cifar;

import java.io.IOException;

/** The network failed, not the file or the disk: what has come is good, and a new try may go on. */
final class TransferInterruptedException extends IOException {

  private static final long serialVersionUID = 1L;

  TransferInterruptedException(String message, Throwable cause) {
    super(message, cause);
  }
}
