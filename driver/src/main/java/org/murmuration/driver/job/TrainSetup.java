package org.murmuration.driver.job;

import java.util.SortedMap;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.model.PixelNorm;
import org.murmuration.worker.training.AveragingPlan;
import org.murmuration.worker.training.ModelFile;
import org.murmuration.worker.training.Position;
import org.murmuration.worker.training.TrainingJob;
import org.murmuration.worker.training.TrainingPlan;
import org.murmuration.worker.transport.TransportSettings;

/** Makes of settings what ranks are told. */
record TrainSetup(JobConf conf, DataSetup data, RunFolder folder) {

  /**
   * The job as ranks get it.
   *
   * @param norm of the training pixels, as far as the network wants it
   * @param start what is done
   * @param identity what a checkpoint must have been made with
   */
  TrainingJob job(
      DataIndex index, PixelNorm norm, Position start, SortedMap<String, String> identity) {
    var network =
        NetworkPlan.of(
            conf, data.transform().shape(), index.classes().size(), norm, index.train().samples());
    return new TrainingJob(
        network.toJson(),
        conf.network().init(),
        conf.train().computation(),
        new TrainingPlan(
            conf.train().epochs(),
            conf.train().seed(),
            conf.train().evaluateEvery(),
            conf.checkpoint().plan(),
            averagingPlan(),
            conf.train().clipNorm(),
            conf.train().averageDecay(),
            conf.feed().plan(),
            conf.train().best(),
            conf.train().suspects(),
            conf.train().numbers(),
            conf.train().epochs()),
        new ModelFile.Use(
            data.serving(), index.classes().names(), conf.train().computation().precision()),
        folder.path().toString(),
        conf.checkpoint().keep(),
        start,
        identity);
  }

  /** How the ranks of a job sum and reach each other. */
  static CollectiveSettings averaging(JobConf job) {
    var conf = job.averaging();
    return new CollectiveSettings(
        conf.algorithm(),
        conf.wire(),
        conf.sparsity(),
        new TransportSettings(
            conf.peerTimeout(),
            conf.security(),
            conf.networkInterface().orElse(""),
            conf.ports(),
            conf.mtuBytes().orElse(0),
            conf.windowBytes().orElse(0),
            conf.directory().orElse("")));
  }

  private AveragingPlan averagingPlan() {
    var averaging = conf.averaging();
    return new AveragingPlan(
        averaging.bucketBytes(),
        averaging.every(),
        averaging.outer().learningRate(),
        averaging.outer().momentum());
  }
}
