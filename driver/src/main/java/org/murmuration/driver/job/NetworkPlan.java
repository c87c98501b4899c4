package org.murmuration.driver.job;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.NetworkBuilder;

/** The network of a job as DL4J's configuration. */
final class NetworkPlan {
  private NetworkPlan() {}

  /**
   * The network with its optimizer; learning-rate schedules are as long as the job.
   *
   * @param classes how many there are
   * @param trainingImages that an epoch takes
   * @throws ConfigurationException when a layer doesn't fit its input, or the zoo lacks the network
   */
  static ComputationGraphConfiguration of(
      JobConf conf, ImageShape shape, int classes, long trainingImages) {
    var batch = conf.train().batchSize();
    var stepsPerEpoch = (trainingImages + batch - 1L) / batch;
    try {
      return NetworkBuilder.build(
          conf.network().of(classes),
          conf.optimizer(),
          new InputShape(shape.channels(), shape.height(), shape.width()),
          Math.toIntExact(stepsPerEpoch * conf.train().epochs()),
          conf.train().seed());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(List.of(e.getMessage()));
    }
  }
}
