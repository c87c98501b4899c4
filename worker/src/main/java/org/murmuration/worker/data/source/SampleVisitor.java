package org.murmuration.worker.data.source;

import java.io.IOException;

/** Takes the samples of a piece one by one. */
public interface SampleVisitor {

  /**
   * One sample.
   *
   * @param sample only good until the method returns
   */
  void sample(RawSample sample) throws IOException;
}
