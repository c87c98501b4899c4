package org.murmuration.driver.job;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.NetworkBuilder;

/** The network of a job as DL4J's configuration. */
final class NetworkPlan {
  private NetworkPlan() {}

  /**
   * @param trainingImages how many there are, which decides the length of learning-rate schedules
   */
  static ComputationGraphConfiguration of(JobConf conf, long trainingImages) {
    var batch = conf.train().batchSize();
    var stepsPerEpoch = (trainingImages + batch - 1) / batch;
    return NetworkBuilder.build(
        conf.network(),
        conf.optimizer(),
        new InputShape(
            DataSetup.SHAPE.channels(), DataSetup.SHAPE.height(), DataSetup.SHAPE.width()),
        Math.toIntExact(stepsPerEpoch * conf.train().epochs()),
        conf.train().seed());
  }
}
