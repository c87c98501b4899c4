package org.murmuration.driver.job;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.NetworkBuilder;

/** The network of a job as DL4J's configuration. */
final class NetworkPlan {
  private NetworkPlan() {}

  /**
   * The network with its optimizer; learning-rate schedules are as long as the job.
   *
   * @throws ConfigurationException when a layer doesn't fit its input, or the zoo lacks the network
   */
  static ComputationGraphConfiguration of(JobConf conf) {
    var batch = conf.train().batchSize();
    var stepsPerEpoch = (conf.data().source().trainingImages() + batch - 1L) / batch;
    var shape = Cifar10.SHAPE;
    try {
      return NetworkBuilder.build(
          conf.network(),
          conf.optimizer(),
          new InputShape(shape.channels(), shape.height(), shape.width()),
          Math.toIntExact(stepsPerEpoch * conf.train().epochs()),
          conf.train().seed());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(List.of(e.getMessage()));
    }
  }
}
