package org.murmuration.worker.accel.gpu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The GPU of a rank: one for each, and each for one. */
public final class RankGpu {
  private static final String NONE = "-";

  private RankGpu() {}

  /**
   * Makes this process compute on the GPU that the cluster manager gave to it. Must come before
   * ND4J is used for the first time.
   *
   * @param addresses what the cluster manager gave to the task; none where it was asked for none
   * @param environment of this process
   * @return the GPU's UUID; empty where the build is for CPUs, or none was asked for
   * @throws GpuException when it can't; the message says what to change
   */
  public static Optional<String> use(List<String> addresses, Map<String, String> environment) {
    var backends = Backends.of(RankGpu.class.getClassLoader());
    backends.require(addresses.size());
    if (!backends.cuda()) {
      return Optional.empty();
    }
    backends.requireDriver(GpuHost.driver());
    if (addresses.isEmpty()) {
      return Optional.empty();
    }
    var gpus = GpuHost.visible(environment);
    CudaDevice.use(gpus.number(addresses.get(0)));
    return Optional.of(gpus.uuid(addresses.get(0)));
  }

  /** What a rank tells the others of its GPU. */
  public static String word(String host, Optional<String> uuid) {
    return host + " " + uuid.orElse(NONE);
  }

  /**
   * Refuses that two ranks share a GPU.
   *
   * @param words of all ranks, in their order
   * @throws GpuException naming the first two
   */
  public static void requireOneEach(List<String> words) {
    Map<String, Integer> owners = new HashMap<>();
    for (int rank = 0; rank < words.size(); rank++) {
      var word = words.get(rank);
      if (word.endsWith(" " + NONE)) {
        continue;
      }
      var other = owners.putIfAbsent(word, rank);
      if (other != null) {
        var parts = word.split(" ", 2);
        throw new GpuException(
            "ranks %d and %d both have the GPU %s of host %s: does each discovery script list all GPUs of a host that several workers share? Give each worker its own GPUs, or set spark.executor.resource.gpu.amount = 1 and as many executors as there are GPUs"
                .formatted(other, rank, parts[1], parts[0]));
      }
    }
  }
}
