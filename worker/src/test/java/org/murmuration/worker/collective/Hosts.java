package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Network namespaces of this machine that are joined by a switch, each by a link of its own, as
 * hosts are. Needs Linux, root and iproute2. Packets are shaped where they leave, by the kernel's
 * token bucket, which counts the headers of Ethernet too.
 */
final class Hosts implements AutoCloseable {
  /** What leaves a host at once after a pause, above its link's speed. */
  static final int BURST_BYTES = 256 * 1000;

  private static final String SHAPER =
      "tc -n %s qdisc add dev veth root tbf rate %dbit burst %d limit 2mb";

  private final List<String> names = new ArrayList<>();

  /**
   * Makes them.
   *
   * @param bitsPerSecond of each link in each direction
   * @throws IOException when the machine doesn't allow it
   */
  Hosts(int count, long bitsPerSecond) throws IOException {
    try {
      var unique = "m" + ProcessHandle.current().pid();
      var network = unique + "s";
      run("ip netns add " + network);
      names.add(network);
      run("ip -n %s link add switch type bridge".formatted(network));
      run("ip -n %s link set switch up".formatted(network));
      for (int host = 0; host < count; host++) {
        var name = unique + host;
        run("ip netns add " + name);
        names.add(name);
        run(
            "ip link add veth netns %s type veth peer name port%d netns %s"
                .formatted(name, host, network));
        run("ip -n %s link set port%d master switch up".formatted(network, host));
        run("ip -n %s addr add %s/24 dev veth".formatted(name, address(host)));
        run("ip -n %s link set lo up".formatted(name));
        run("ip -n %s link set veth up".formatted(name));
        run(SHAPER.formatted(name, bitsPerSecond, BURST_BYTES));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Whether this machine allows it, as far as that can be told without trying. */
  static boolean arePossible() {
    return "root".equals(System.getProperty("user.name"))
        && Arrays.stream(System.getenv("PATH").split(":", -1))
            .filter(folder -> Files.isExecutable(Path.of(folder, "ip")))
            .findAny()
            .isPresent();
  }

  /** The IP address of a host, from 0 on. */
  String address(int host) {
    return "10.77.0." + (host + 1);
  }

  /** A command that runs the command which follows it on a host, from 0 on. */
  List<String> within(int host) {
    return List.of("ip", "netns", "exec", names.get(1 + host));
  }

  /** The bytes that have left a host, all headers counted. */
  long sentBytes(int host) throws IOException {
    var counter = "cat /sys/class/net/veth/statistics/tx_bytes";
    return Long.parseLong(run(String.join(" ", within(host)) + " " + counter).strip());
  }

  private static String run(String command) throws IOException {
    var process = new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(command + " was interrupted", e);
    }
    return output;
  }

  @Override
  public void close() throws IOException {
    for (var name : names) {
      run("ip netns del " + name);
    }
  }
}
