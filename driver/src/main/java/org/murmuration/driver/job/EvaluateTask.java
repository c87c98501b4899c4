package org.murmuration.driver.job;

import java.io.IOException;
import java.util.Iterator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.driver.spark.RankTask;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.data.PrefetchingBatches;
import org.murmuration.worker.training.Evaluator;
import org.murmuration.worker.training.ModelFile;
import org.murmuration.worker.training.Replica;

/**
 * One rank of {@code evaluate}: the model on this rank's share of the test images.
 *
 * @param reads whether a rank reads its images itself, instead of finding them in its partition
 */
record EvaluateTask(
    String model,
    Broadcast<RankData> data,
    boolean reads,
    BadSamples allowed,
    CollectiveSettings averaging,
    long jobId,
    ComputationSettings computation,
    int batchSize,
    Broadcast<SerializableConfiguration> hadoop)
    implements RankTask<byte[], EvaluationResult> {

  @Override
  public EvaluationResult run(BarrierTaskContext context, Iterator<byte[]> partition)
      throws IOException {
    var rank = new Rank(context);
    rank.prepare(computation.threads());
    var configuration = hadoop.value().value();
    var delivery = reads ? data.value().reading(configuration) : Delivery.of(partition);
    var loaded = data.value().test(rank, batchSize, delivery);
    try (var test = new PrefetchingBatches(loaded.batches(), averaging.transport().peerTimeout());
        var replica =
            new Replica(ModelFile.readGraph(new Path(model), configuration), computation)) {
      try (var collective = rank.connect(averaging, jobId)) {
        data.value().requireAll(collective, loaded);
        allowed.require(collective, loaded.bad());
        var matrix =
            Evaluator.evaluate(replica, test, data.value().index().classes().size(), collective);
        collective.awaitAll();
        return new EvaluationResult(matrix, loaded.bad());
      }
    }
  }
}
