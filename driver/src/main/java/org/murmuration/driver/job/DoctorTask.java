package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.murmuration.worker.accel.gpu.GpuException;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.LinkProbe.Measurement;
import org.murmuration.worker.collective.Residual;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.health.Finding;
import org.murmuration.worker.health.HostCheck;
import org.murmuration.worker.transport.UnreachablePeerException;

/**
 * One rank of {@code doctor}: the host's checks, its GPU, its versions, the output folder's file
 * system, the links with all other ranks, and a sum.
 */
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

  /** Less than a network of 1 Gbit/s carries. */
  private static final double SLOW_MIB_PER_SECOND = 80;

  private static final double FAR_MS = 5;
  private static final double CLOCK_MS = 1000;

  /**
   * What a rank found.
   *
   * @param versions of Murmuration and Spark
   */
  record Result(String where, String versions, List<Finding> findings) implements Serializable {}

  @Override
  public Result run(BarrierTaskContext context, Iterator<Integer> partition) throws IOException {
    var rank = new Rank(context);
    List<Finding> findings = new ArrayList<>();
    findings.add(gpu(rank));
    NativeBackend.prepare(threads);
    findings.addAll(HostCheck.run());
    findings.add(rank.container());
    if (outputFolder != null) {
      findings.add(outputFolder(rank));
    }
    findings.addAll(links(rank));
    var where =
        "rank %d (executor %s on %s)".formatted(rank.rank(), rank.executorId(), rank.host());
    return new Result(where, Versions.own(), findings);
  }

  private static Finding gpu(Rank rank) {
    try {
      return rank.useGpu()
          .map(uuid -> Finding.ok("GPU", uuid))
          .orElse(Finding.ok("GPU", "none asked for"));
    } catch (GpuException e) {
      return Finding.problem("GPU", e.getMessage(), "see deploy/README.md on GPUs");
    }
  }

  /** The links with higher ranks; a sum over all ranks once they reach each other. */
  private List<Finding> links(Rank rank) {
    try {
      // The media driver of the first connection may still be ending when the second looks for one.
      var measured = rank.probe(averaging, jobId + 1);
      if (measured.isEmpty()) {
        return List.of(
            Finding.warning("link", "not measured", "first mend what another rank complains of"));
      }
      var findings = new ArrayList<>(measured.get().stream().map(DoctorTask::link).toList());
      try (var collective = rank.connect(averaging, jobId)) {
        findings.add(averaging(collective));
        collective.awaitAll();
      }
      return findings;
    } catch (UnreachablePeerException e) {
      return List.of(Finding.problem("link", e.getMessage(), "see there"));
    }
  }

  private static Finding link(Measurement link) {
    var value =
        "%s: %.2f ms there and back, %,.0f MiB/s%s; its clock is %+.0f ms off"
            .formatted(
                link.address(),
                link.roundTripMs(),
                link.mibPerSecond(),
                link.sharesHost() ? " through memory" : " by UDP",
                link.clockAheadMs());
    if (Math.abs(link.clockAheadMs()) > CLOCK_MS) {
      return Finding.warning(
          "link",
          value,
          "set the clocks by NTP: logs and reports of these hosts don't fit together");
    }
    if (!link.sharesHost()
        && (link.mibPerSecond() < SLOW_MIB_PER_SECOND || link.roundTripMs() > FAR_MS)) {
      return Finding.warning(
          "link",
          value,
          "this is a slow or a long link: send less (averaging.wire = bf16 or threshold), or less often (averaging.every = 50)");
    }
    return Finding.ok("link", value);
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

  /** All that a run does with files: write, read, rename, list and remove. */
  private Finding outputFolder(Rank rank) {
    var probe = new Path(outputFolder, "_probe-rank-" + rank.rank());
    var renamed = probe.suffix("-renamed");
    var content = new byte[] {1, 2, 3};
    var doing = "written";
    try {
      var configuration = hadoop.value().value();
      var begin = System.nanoTime();
      var files = JobFiles.fileSystem(probe, configuration);
      JobFiles.write(probe, configuration, out -> out.write(content));
      doing = "read";
      try (var in = files.open(probe)) {
        require(Arrays.equals(in.readAllBytes(), content), "other bytes came back");
      }
      doing = "renamed";
      require(files.rename(probe, renamed), "the file system refuses");
      doing = "listed";
      var listed =
          Arrays.stream(files.listStatus(new Path(outputFolder)))
              .anyMatch(file -> file.getPath().getName().equals(renamed.getName()));
      require(listed, "the file is not in the list");
      doing = "removed";
      require(files.delete(renamed, false), "the file system refuses");
      return Finding.ok(
          "output folder",
          "%s: written, read, renamed, listed, removed in %.0f ms"
              .formatted(outputFolder, (System.nanoTime() - begin) / NS_PER_MS));
    } catch (IOException e) {
      return Finding.problem(
          "output folder",
          "%s: a file can't be %s: %s".formatted(outputFolder, doing, e.getMessage()),
          "give the executors' user write access, or choose a shared file system with --out");
    }
  }

  private static void require(boolean holds, String complaint) throws IOException {
    if (!holds) {
      throw new IOException(complaint);
    }
  }
}
