package org.murmuration.worker.accel.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A GPU as {@code nvidia-smi -L} lists it.
 *
 * @param index in the order of the PCI bus
 * @param name such as {@code NVIDIA A100-SXM4-40GB}
 * @param uuid such as {@code GPU-7f...}
 * @param slices the UUIDs of its MIG devices, none where it isn't sliced
 */
public record InstalledGpu(int index, String name, String uuid, List<String> slices) {
  private static final Pattern GPU =
      Pattern.compile("^GPU (\\d+): (.*) \\(UUID: (GPU-[0-9a-fA-F-]+)\\)\\s*$");
  private static final Pattern SLICE = Pattern.compile("^\\s+MIG .*\\(UUID: (MIG-[^)]+)\\)\\s*$");

  /** Keeps its own copy. */
  public InstalledGpu {
    slices = List.copyOf(slices);
  }

  /** Reads the list; lines of another form are passed over. */
  public static List<InstalledGpu> parse(String list) {
    List<InstalledGpu> gpus = new ArrayList<>();
    for (var line : list.lines().toList()) {
      var gpu = GPU.matcher(line);
      var slice = SLICE.matcher(line);
      if (gpu.matches()) {
        gpus.add(
            new InstalledGpu(
                Integer.parseInt(gpu.group(1)), gpu.group(2), gpu.group(3), List.of()));
      } else if (slice.matches() && !gpus.isEmpty()) {
        gpus.set(gpus.size() - 1, gpus.get(gpus.size() - 1).with(slice.group(1)));
      }
    }
    return gpus;
  }

  private InstalledGpu with(String slice) {
    var all = new ArrayList<>(slices);
    all.add(slice);
    return new InstalledGpu(index, name, uuid, all);
  }
}
