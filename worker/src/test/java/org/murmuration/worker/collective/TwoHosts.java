package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Two network namespaces of this machine and a link of 1 Gbit/s each way between them, as between
 * two hosts. Needs Linux, root and iproute2. Packets are shaped where they leave, by the kernel's
 * token bucket, which counts the headers of Ethernet too.
 */
final class TwoHosts implements AutoCloseable {
  static final long BITS_PER_SECOND = 1_000_000_000;

  private final List<String> names = new ArrayList<>();

  /**
   * Makes them.
   *
   * @throws IOException when the machine doesn't allow it
   */
  TwoHosts() throws IOException {
    try {
      var unique = "m" + ProcessHandle.current().pid();
      for (int host = 0; host < 2; host++) {
        run("ip netns add " + unique + host);
        names.add(unique + host);
      }
      run("ip link add veth netns %s type veth peer name veth netns %s".formatted(names.toArray()));
      for (int host = 0; host < 2; host++) {
        var name = names.get(host);
        run("ip -n %s addr add %s/24 dev veth".formatted(name, address(host)));
        run("ip -n %s link set lo up".formatted(name));
        run("ip -n %s link set veth up".formatted(name));
        run(
            "tc -n %s qdisc add dev veth root tbf rate %dbit burst 256kb latency 10ms"
                .formatted(name, BITS_PER_SECOND));
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

  /** The IP address of the host, 0 or 1. */
  String address(int host) {
    return "10.77.0." + (host + 1);
  }

  /** A command that runs the command which follows it on the host, 0 or 1. */
  List<String> within(int host) {
    return List.of("ip", "netns", "exec", names.get(host));
  }

  /** The bytes that have left the host, all headers counted. */
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
