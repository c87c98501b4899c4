package org.murmuration.driver.job;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.PixelNorm;

/** The network of a job as DL4J's configuration. */
final class NetworkPlan {
  private NetworkPlan() {}

  /**
   * The network with its optimizer; learning-rate schedules are as long as the job.
   *
   * @param classes how many there are
   * @param norm what raw pixels are normalised by, if the job leaves it to the data
   * @param trainingImages that an epoch takes
   * @throws ConfigurationException when a layer doesn't fit its input, or the zoo lacks the network
   */
  static ComputationGraphConfiguration of(
      JobConf conf, ImageShape shape, int classes, PixelNorm norm, long trainingImages) {
    var batch = conf.train().batchSize();
    var stepsPerEpoch = (trainingImages + batch - 1L) / batch;
    var warmup = Math.toIntExact(Math.round(conf.train().warmupEpochs() * stepsPerEpoch));
    return of(
        conf, shape, classes, norm, Math.toIntExact(stepsPerEpoch * conf.train().epochs()), warmup);
  }

  /**
   * The network as far as it is known before the images are counted: with learning-rate schedules
   * that are longer than any job's.
   *
   * @param classes how many there are
   * @throws ConfigurationException when a layer doesn't fit its input, or the zoo lacks the network
   */
  static ComputationGraphConfiguration ofAnyLength(JobConf conf, ImageShape shape, int classes) {
    return of(conf, shape, classes, PixelNorm.ANY, Integer.MAX_VALUE, 0);
  }

  private static ComputationGraphConfiguration of(
      JobConf conf, ImageShape shape, int classes, PixelNorm norm, int steps, int warmup) {
    try {
      return NetworkBuilder.build(
          conf.network().of(classes, norm),
          conf.optimizer().with(conf.optimizer().schedule().plusWarmup(warmup)),
          new InputShape(shape.channels(), shape.height(), shape.width()),
          steps,
          conf.train().seed());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(List.of(e.getMessage()));
    }
  }
}
