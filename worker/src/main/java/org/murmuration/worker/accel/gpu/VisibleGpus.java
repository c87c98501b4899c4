package org.murmuration.worker.accel.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The GPUs that CUDA shows to a process, in its order, with the numbers that ND4J calls them by.
 * {@code CUDA_VISIBLE_DEVICES} renumbers them: with {@code 2,3}, the GPU that nvidia-smi, Spark and
 * YARN call 3 is CUDA's number 1 (CUDA C++ Programming Guide, "CUDA Environment Variables"). CUDA
 * shows a MIG device only when that variable names it, and then no other. The order is that of the
 * PCI bus, which executors are told to keep with {@code CUDA_DEVICE_ORDER}.
 */
public final class VisibleGpus {
  private final List<InstalledGpu> installed;
  private final Optional<String> setting;

  /** The UUIDs in CUDA's order. */
  private final List<String> visible;

  /**
   * @param installed what nvidia-smi lists
   * @param setting the value of CUDA_VISIBLE_DEVICES, if it is set
   */
  public VisibleGpus(List<InstalledGpu> installed, Optional<String> setting) {
    this.installed = List.copyOf(installed);
    this.setting = setting;
    this.visible = setting.map(this::named).orElseGet(this::all);
  }

  /**
   * CUDA's number for an address that the cluster manager gave.
   *
   * @param address an index as nvidia-smi counts, or the UUID of a GPU or a MIG device, or its
   *     beginning
   * @throws GpuException when there is no such GPU, or this process doesn't see it
   */
  public int number(String address) {
    var number = visible.indexOf(uuid(address));
    if (number < 0) {
      throw new GpuException(
          "the GPU %s was given to this executor, but it doesn't see it: CUDA_VISIBLE_DEVICES = %s, and installed are %s. Correct the discovery script or that variable so that they agree"
              .formatted(address, setting.orElse("(not set)"), described()));
    }
    return number;
  }

  /**
   * The UUID that an address stands for.
   *
   * @throws GpuException when there is no such GPU
   */
  public String uuid(String address) {
    return find(address.strip())
        .orElseThrow(
            () ->
                new GpuException(
                    "the GPU %s was given to this executor, and the machine has none of that index or UUID: installed are %s. Does the discovery script run on another machine?"
                        .formatted(address, described())));
  }

  /** How many the process sees. */
  public int count() {
    return visible.size();
  }

  /** Without the variable CUDA shows GPUs that aren't sliced, or else the first slice. */
  private List<String> all() {
    var whole =
        installed.stream().filter(gpu -> gpu.slices().isEmpty()).map(InstalledGpu::uuid).toList();
    return whole.isEmpty()
        ? installed.stream().flatMap(gpu -> gpu.slices().stream()).limit(1).toList()
        : whole;
  }

  /** CUDA goes by the entries up to the first that names nothing, and shows one slice at most. */
  private List<String> named(String devices) {
    List<String> uuids = new ArrayList<>();
    for (var entry : List.of(devices.split(",", -1))) {
      var uuid = find(entry.strip());
      if (uuid.isEmpty()) {
        break;
      }
      uuids.add(uuid.get());
      if (uuid.get().startsWith("MIG-")) {
        return List.of(uuid.get());
      }
    }
    return uuids;
  }

  private Optional<String> find(String address) {
    if (address.matches("\\d+")) {
      return installed.stream()
          .filter(gpu -> gpu.index() == Integer.parseInt(address))
          .map(InstalledGpu::uuid)
          .findFirst();
    }
    return installed.stream()
        .flatMap(gpu -> Stream.concat(Stream.of(gpu.uuid()), gpu.slices().stream()))
        .filter(uuid -> !address.isEmpty() && uuid.startsWith(address))
        .findFirst();
  }

  private String described() {
    return installed.isEmpty()
        ? "none"
        : installed.stream()
            .map(
                gpu ->
                    gpu.index()
                        + " "
                        + gpu.uuid()
                        + (gpu.slices().isEmpty() ? "" : " sliced into " + gpu.slices()))
            .collect(Collectors.joining(", "));
  }
}
