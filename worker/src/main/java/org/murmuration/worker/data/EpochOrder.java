package org.murmuration.worker.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which samples make up which step, the same for every number of ranks.
 *
 * <p>The samples of the training set are numbered 0 to n-1. With a global batch of V there are V
 * <i>lanes</i>; lane l holds the samples i with i mod V = l. In every epoch each lane is shuffled
 * on its own, by seed, epoch and lane, and step s takes the s-th sample of every lane. Rank r of N
 * owns the lanes l with l mod N = r.
 *
 * <p>So the global batch of a step is the same set of samples whatever N is: N ranks train as one
 * does, on another number of executors a run takes the same course, and every rank needs only its
 * own lanes. The price is that a batch never holds two samples of one lane, which for data in no
 * particular order changes nothing that matters. When V doesn't divide n, the last step has fewer
 * samples; when N doesn't divide V, ranks differ by one sample.
 */
public final class EpochOrder {
  private final long seed;
  private final int globalBatch;
  private final int rank;
  private final int worldSize;
  private final List<Lane> lanes = new ArrayList<>();
  private int shuffledEpoch = -1;

  /**
   * @param seed decides the order
   * @param globalBatch samples of a step over all ranks
   * @param rank this rank
   * @param worldSize the number of ranks
   */
  public EpochOrder(long seed, int globalBatch, int rank, int worldSize) {
    this.seed = seed;
    this.globalBatch = globalBatch;
    this.rank = rank;
    this.worldSize = worldSize;
    for (int lane = rank; lane < globalBatch; lane += worldSize) {
      lanes.add(new Lane(lane));
    }
  }

  /** Whether a sample belongs to this rank. */
  public boolean owns(long globalIndex) {
    return globalIndex % globalBatch % worldSize == rank;
  }

  /**
   * Adds a sample of this rank; all must be added before the first epoch.
   *
   * @param globalIndex its number in the training set
   * @param localIndex where this rank keeps it
   * @throws IllegalArgumentException when it belongs to another rank
   */
  public void add(long globalIndex, int localIndex) {
    if (!owns(globalIndex)) {
      throw new IllegalArgumentException(
          "sample "
              + globalIndex
              + " belongs to rank "
              + globalIndex % globalBatch % worldSize
              + ", not to rank "
              + rank);
    }
    lanes.get((int) (globalIndex % globalBatch) / worldSize).add(localIndex);
  }

  /** Steps for which this rank has samples. */
  public int steps() {
    return lanes.stream().mapToInt(lane -> lane.size).max().orElse(0);
  }

  /** This rank's samples in a step. */
  public int count(int step) {
    return (int) lanes.stream().filter(lane -> step < lane.size).count();
  }

  /** The local indices of this rank's samples in a step, in order of their lanes. */
  public int[] localIndices(int epoch, int step) {
    if (epoch != shuffledEpoch) {
      lanes.forEach(lane -> lane.shuffle(epoch));
      shuffledEpoch = epoch;
    }
    return lanes.stream()
        .filter(lane -> step < lane.size)
        .mapToInt(lane -> lane.order[step])
        .toArray();
  }

  /** The samples of one lane. */
  private final class Lane {
    private final int number;
    private int[] samples = new int[16];
    private int[] order = {};
    private int size;

    Lane(int number) {
      this.number = number;
    }

    void add(int localIndex) {
      if (size == samples.length) {
        samples = Arrays.copyOf(samples, 2 * size);
      }
      samples[size++] = localIndex;
    }

    /**
     * Fisher and Yates, from the order in which samples were added, so that the past is no matter.
     */
    void shuffle(int epoch) {
      var random = new SplittableRandom(mix(mix(mix(seed) + epoch) + number));
      order = Arrays.copyOf(samples, size);
      for (int i = size - 1; i > 0; i--) {
        var j = random.nextInt(i + 1);
        var swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long value) {
    var z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
