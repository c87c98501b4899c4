package org.murmuration.worker.accel.gpu;

/** A rank can't compute on the GPU that it was given. The message says what to change. */
public final class GpuException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, in words for the person who runs the job. */
  public GpuException(String message) {
    super(message);
  }
}
