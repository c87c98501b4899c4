package org.murmuration.worker.bench;

/** A network, its optimizer and one batch that stays the same, in somebody's library. */
interface Training extends AutoCloseable {

  /**
   * Forward, backward and the optimizer's update.
   *
   * @return the mean of the samples' losses, before the update
   */
  double train();

  /**
   * Forward and backward.
   *
   * @return the mean of the samples' losses
   */
  double differentiate();

  /** The parameters that the optimizer changes, without the statistics of batch normalisation. */
  long trainedParameters();

  /** What computes: library, build and settings. */
  String engine();

  @Override
  void close();
}
