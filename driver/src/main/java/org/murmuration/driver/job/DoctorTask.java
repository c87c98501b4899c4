package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.driver.spark.RankTask;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.Residual;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.health.Finding;
import org.murmuration.worker.health.HostCheck;

/** One rank of {@code doctor}: the host's checks, a sum, and write access to the output folder. */
record DoctorTask(
    String outputFolder,
    CollectiveSettings averaging,
    long jobId,
    int threads,
    Broadcast<SerializableConfiguration> hadoop)
    implements RankTask<Integer, DoctorTask.Result> {

  private static final int ROUNDS = 20;
  private static final int VALUES = 256 * 1024;
  private static final double NS_PER_MS = 1e6;

  /** What a rank found. */
  record Result(String where, List<Finding> findings) implements Serializable {}

  @Override
  public Result run(BarrierTaskContext context, Iterator<Integer> partition) {
    NativeBackend.prepare(threads);
    var rank = new Rank(context);
    List<Finding> findings = new ArrayList<>(HostCheck.run());
    if (outputFolder != null) {
      findings.add(outputFolder(rank));
    }
    try (var collective = rank.connect(averaging, jobId)) {
      findings.add(averaging(collective));
      collective.awaitAll();
    }
    return new Result("rank " + rank.rank() + " on " + rank.host(), findings);
  }

  private static Finding averaging(Collective collective) {
    var vector = new UnsafeBuffer(new byte[VALUES * Float.BYTES]);
    var residual = Residual.of(VALUES);
    collective.allReduceSum(vector, residual);
    var begin = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      collective.allReduceSum(vector, residual);
    }
    var ms = (System.nanoTime() - begin) / NS_PER_MS / ROUNDS;
    return Finding.ok(
        "averaging", "%s; all-reduce of 1 MiB in %.2f ms".formatted(collective.arrangement(), ms));
  }

  private Finding outputFolder(Rank rank) {
    var probe = new Path(outputFolder, "_probe-rank-" + rank.rank());
    try {
      var configuration = hadoop.value().value();
      JobFiles.write(probe, configuration, out -> out.write(new byte[] {1}));
      JobFiles.fileSystem(probe, configuration).delete(probe, false);
      return Finding.ok("output folder", outputFolder);
    } catch (IOException e) {
      return Finding.problem(
          "output folder",
          outputFolder + ": " + e.getMessage(),
          "give the executors' user write access, or choose a shared file system with --out");
    }
  }
}
