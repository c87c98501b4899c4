package org.murmuration.worker.transport;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which ranks share a Java process and which share a host. The same on every rank.
 *
 * @param ranks by rank
 */
public record Topology(List<PeerAddress> ranks) {

  /** The ranks of each Java process that use the same media driver, both in order of rank. */
  public List<List<Integer>> processes() {
    return groups(address -> address.process() + " " + address.driver());
  }

  /** The ranks of each host, both in order of rank. */
  public List<List<Integer>> hosts() {
    return groups(PeerAddress::driver);
  }

  /** Whether the ranks can reach each other through the memory of one host. */
  public boolean sameHost(int a, int b) {
    return ranks.get(a).driver().equals(ranks.get(b).driver());
  }

  private List<List<Integer>> groups(Function<PeerAddress, String> key) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (var address : ranks) {
      groups.computeIfAbsent(key.apply(address), k -> new ArrayList<>()).add(address.rank());
    }
    return List.copyOf(groups.values());
  }
}
