package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.data.load.SampleLoader;
import org.murmuration.worker.data.load.SplitPieces;
import org.murmuration.worker.data.prepared.ChannelMoments;
import org.murmuration.worker.data.prepared.Keeping;

/**
 * Mean and covariance of the training pixels, which tasks on the executors sum up: of whole
 * numbers, so that the same images always give the same bits. Bad images are left out; the ranks
 * count them.
 */
final class PixelStatistics {
  private PixelStatistics() {}

  /** Sums over all training images, each as the network gets it. */
  static ChannelMoments of(
      DataSetup data,
      DataIndex index,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop)
      throws IOException {
    List<SparkTasks.Placed<SplitPieces>> portions =
        index
            .train()
            .portions(
                PreprocessPlan.costPerTask(index.train().pieces(), spark.defaultParallelism()))
            .stream()
            .map(portion -> new SparkTasks.Placed<>(portion, List.<String>of()))
            .toList();
    return new SparkTasks(spark)
        .run("summing pixels", portions, new Summing(data, index, hadoop), sums -> {}).stream()
            .reduce(ChannelMoments.none(data.transform().shape().channels()), ChannelMoments::plus);
  }

  /** What a task does. */
  private record Summing(
      DataSetup data, DataIndex index, Broadcast<SerializableConfiguration> hadoop)
      implements SparkTasks.Work<SplitPieces, ChannelMoments>, Serializable {
    @Override
    public ChannelMoments apply(SplitPieces portion) throws IOException {
      NativeBackend.prepare(1);
      var configuration = hadoop.value().value();
      var loader =
          new SampleLoader(
              data.open(configuration), data.transform(), index.classes(), Keeping.PIXELS, 1);
      var sums = new ChannelMoments[] {ChannelMoments.none(data.transform().shape().channels())};
      loader.load(
          portion,
          number -> true,
          (number, label, planes) ->
              sums[0] = sums[0].plus(ChannelMoments.of(data.transform().shape(), planes)));
      return sums[0];
    }
  }
}
