package org.murmuration.worker.collective;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.murmuration.worker.collective.codec.ThresholdCodec;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.Topology;
import org.murmuration.worker.transport.Transport;

/**
 * Which groups of ranks sum how, from the ranks' places: the ranks of a process, then the processes
 * of a host, then the hosts. A level with one member is left out.
 *
 * @param rank this rank
 * @param process the ranks of its process
 * @param host the first ranks of the processes of this host, when there are several hosts
 * @param outer the first ranks of all hosts, or of the processes when there is one host
 */
record Composition(int rank, List<Integer> process, List<Integer> host, List<Integer> outer) {

  /** Up to here recursive doubling is faster between two or more processes; measured. */
  static final int CROSSOVER_BYTES = 32 * 1024;

  static Composition of(Topology topology, int rank, Algorithm algorithm) {
    if (algorithm == Algorithm.RING || algorithm == Algorithm.RECURSIVE_DOUBLING) {
      return new Composition(rank, List.of(rank), List.of(rank), world(topology));
    }
    var process = groupOf(topology.processes(), rank);
    var firstsOfProcesses = topology.processes().stream().map(ranks -> ranks.get(0)).toList();
    if (topology.hosts().size() == 1) {
      return new Composition(rank, process, List.of(process.get(0)), firstsOfProcesses);
    }
    var host =
        groupOf(topology.hosts(), rank).stream().filter(firstsOfProcesses::contains).toList();
    var firstsOfHosts = topology.hosts().stream().map(ranks -> ranks.get(0)).toList();
    return new Composition(rank, process, host, firstsOfHosts);
  }

  private static List<Integer> world(Topology topology) {
    return IntStream.range(0, topology.ranks().size()).boxed().toList();
  }

  /** Whether this rank carries its process's sum. */
  private boolean isFirstOfProcess() {
    return process.get(0) == rank;
  }

  private static List<Integer> groupOf(List<List<Integer>> groups, int rank) {
    return groups.stream().filter(group -> group.contains(rank)).findFirst().orElseThrow();
  }

  /** The ranks that a rank exchanges frames with; if a is a peer of b then b is one of a. */
  static Set<Integer> peers(Topology topology, int rank, Algorithm algorithm) {
    var composition = of(topology, rank, algorithm);
    Set<Integer> peers = new TreeSet<>();
    addNeighbours(peers, world(topology), rank);
    if (composition.isFirstOfProcess()) {
      addNeighbours(peers, composition.host, rank);
    }
    if (composition.outer.contains(rank)) {
      addNeighbours(peers, composition.outer, rank);
      var place = composition.outer.indexOf(rank);
      for (int partner : RecursiveDoubling.partners(place, composition.outer.size())) {
        peers.add(composition.outer.get(partner));
      }
    }
    peers.remove(rank);
    return peers;
  }

  private static void addNeighbours(Set<Integer> peers, List<Integer> ranks, int rank) {
    var group = Group.of(ranks, rank);
    peers.add(group.next());
    peers.add(group.previous());
  }

  /** The algorithm of this rank in these groups. */
  AllReduce allReduce(
      Transport transport, CollectiveSettings settings, Optional<ProcessGroup> inProcess) {
    var exact = Wire.FP32.valueCodec().orElseThrow();
    AllReduce sum = isOuterMember() ? outer(transport, settings) : Composition::unused;
    if (host.size() > 1 && isFirstOfProcess()) {
      sum = new HostAllReduce(transport, Group.of(host, rank), exact, sum);
    }
    if (process.size() > 1) {
      var others =
          outer.size() > 1 || host.size() > 1 ? Optional.of(sum) : Optional.<AllReduce>empty();
      sum =
          new InProcessAllReduce(
              transport, Group.of(process, rank), inProcess.orElseThrow(), exact, others);
    }
    return sum;
  }

  private boolean isOuterMember() {
    return outer.size() > 1 && outer.contains(rank);
  }

  private AllReduce outer(Transport transport, CollectiveSettings settings) {
    var group = Group.of(outer, rank);
    var codec = settings.wire().valueCodec();
    if (codec.isEmpty()) {
      return new ThresholdAllReduce(
          new RingAllGather(transport, group), new ThresholdCodec(settings.sparsity()));
    }
    var ring = new RingAllReduce(transport, group, codec.get());
    var doubling = new RecursiveDoubling(transport, group, Wire.FP32.valueCodec().orElseThrow());
    return switch (settings.algorithm()) {
      case RING, HIERARCHICAL -> ring;
      case RECURSIVE_DOUBLING -> doubling;
      case AUTO -> new BySize(CROSSOVER_BYTES, doubling, ring);
    };
  }

  /** A rank alone at this level has nothing to add. */
  private static void unused(Summand summand, long operation) {}
}
