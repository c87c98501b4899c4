package org.murmuration.worker.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Which samples a rank trains on at which step: an order that does not depend on the number of
 * ranks.
 *
 * <p>The samples of the training set have global indices 0..n-1. A global batch of V samples is V
 * <em>lanes</em>: lane l holds the samples i with i mod V = l, and step s of an epoch takes the
 * s-th sample of every lane. Each epoch shuffles each lane on its own. Rank r of N owns the lanes l
 * with l mod N = r, and needs only their samples.
 *
 * <p>So the set of samples in a step is a function of (seed, epoch, step, V) alone. N ranks see
 * what one rank with the global batch would see, and a job that goes on with fewer or more ranks,
 * or resumes elsewhere, goes on with the same batches. The price is that a sample never leaves its
 * lane: samples of one lane do not meet in one batch, until a {@link Deal} gives them new indices.
 * Lanes differ by at most one sample; the shorter ones end a step earlier, so the last batch of an
 * epoch may be smaller.
 *
 * <p>Lane l of epoch e is in ascending order of the global index, then shuffled by Fisher and
 * Yates: for i = length-1 down to 1, swap i with floor(x * (i+1) / 2^63), where x is the upper 63
 * bits of the next output of {@link SplittableRandom} (SplitMix64; Steele, Lea, Flood: Fast
 * Splittable Pseudorandom Number Generators, OOPSLA 2014) seeded with mix(mix(mix(seed) xor e) xor
 * l). mix is the output function of SplitMix64: z ^= z >>> 30; z *= 0xbf58476d1ce4e5b9; z ^= z >>>
 * 27; z *= 0x94d049bb133111eb; z ^= z >>> 31.
 *
 * <p>Samples may be added in any order, and global indices may have gaps. For one thread at a time:
 * the order of the epoch asked for last is kept.
 */
public final class EpochOrder {

  private final long seed;
  private final int globalBatch;
  private final int rank;
  private final int worldSize;
  private final Lane[] lanes;
  private final Feed feed;
  private int[][] shuffled;
  private float[][] weights;
  private int shuffledEpoch;

  /** By local index; NaN for what is unknown. */
  private float[] scores = new float[0];

  /** What {@link #scores} were when the epoch was shuffled. */
  private float[] orderedBy = new float[0];

  /** An order in which every epoch has every sample once. */
  public EpochOrder(long seed, int globalBatch, int rank, int worldSize) {
    this(seed, globalBatch, rank, worldSize, new Feed.Shuffled());
  }

  /**
   * @param globalBatch samples of one step over all ranks, V
   * @param feed what becomes of a lane in an epoch
   * @throws IllegalArgumentException unless 0 &lt;= rank &lt; worldSize &lt;= globalBatch
   */
  public EpochOrder(long seed, int globalBatch, int rank, int worldSize, Feed feed) {
    if (worldSize < 1 || rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException(
          "rank must be in 0..worldSize-1, was %d of %d".formatted(rank, worldSize));
    }
    if (globalBatch < worldSize) {
      throw new IllegalArgumentException(
          "global batch %d is smaller than the %d ranks: every rank needs at least one sample a step; raise the batch size or use fewer ranks"
              .formatted(globalBatch, worldSize));
    }
    this.seed = seed;
    this.feed = feed;
    this.globalBatch = globalBatch;
    this.rank = rank;
    this.worldSize = worldSize;
    this.lanes = new Lane[(globalBatch - rank - 1) / worldSize + 1];
    for (int k = 0; k < lanes.length; k++) {
      lanes[k] = new Lane(rank + k * worldSize);
    }
  }

  /** Whether this rank trains on the sample. */
  public boolean owns(long globalIndex) {
    return globalIndex >= 0 && rankOf(globalIndex, globalBatch, worldSize) == rank;
  }

  /** The rank that trains on the sample. */
  public static int rankOf(long globalIndex, int globalBatch, int worldSize) {
    return (int) (globalIndex % globalBatch) % worldSize;
  }

  /**
   * Adds a sample of this rank.
   *
   * @param localIndex what {@link #localIndices} will name the sample by: its index in the rank's
   *     {@link SampleStore}
   * @throws IllegalArgumentException when the sample belongs to another rank
   * @throws ArithmeticException when a lane exceeds 2^31 samples
   */
  public void add(long globalIndex, int localIndex) {
    if (!owns(globalIndex)) {
      throw new IllegalArgumentException(
          "sample %d is in lane %d, which rank %d of %d does not own"
              .formatted(globalIndex, laneOf(globalIndex), rank, worldSize));
    }
    lanes[laneOf(globalIndex) / worldSize].add(
        Math.toIntExact(globalIndex / globalBatch), localIndex);
    shuffled = null;
  }

  /** Samples added so far. */
  public long samples() {
    return Arrays.stream(lanes).mapToLong(lane -> lane.size).sum();
  }

  /** Steps of an epoch in which this rank has samples: the length of its longest lane. */
  public int steps() {
    return Arrays.stream(lanes).mapToInt(lane -> lane.size).max().orElse(0);
  }

  /** Samples of this rank in a step; 0 beyond {@link #steps}. */
  public int count(int step) {
    return (int) Arrays.stream(lanes).filter(lane -> lane.size > step).count();
  }

  /**
   * The local indices of this rank's samples in a step, in ascending order of their lanes; empty
   * beyond {@link #steps}.
   *
   * @throws IllegalArgumentException when the epoch or the step is negative
   * @throws IllegalStateException when a global index was added twice
   */
  public synchronized int[] localIndices(int epoch, int step) {
    if (epoch < 0 || step < 0) {
      throw new IllegalArgumentException(
          "epoch and step must be at least 0, were %d and %d".formatted(epoch, step));
    }
    shuffleFor(epoch);
    return Arrays.stream(shuffled)
        .filter(lane -> lane.length > step)
        .mapToInt(lane -> lane[step])
        .toArray();
  }

  /**
   * For each of this rank's samples in a step, in the order of {@link #localIndices}, the one that
   * follows it in its lane in this epoch; after the last comes the first. It is the same sample for
   * any number of ranks.
   *
   * @throws IllegalArgumentException when the epoch or the step is negative
   */
  public int[] followers(int epoch, int step) {
    localIndices(epoch, step);
    return Arrays.stream(shuffled)
        .filter(lane -> lane.length > step)
        .mapToInt(lane -> lane[(step + 1) % lane.length])
        .toArray();
  }

  /**
   * How much each of this rank's samples in a step weighs in the loss, in the order of {@link
   * #localIndices}; empty where all weigh 1.
   */
  public synchronized float[] weights(int epoch, int step) {
    shuffleFor(epoch);
    var found = new float[lanes.length];
    int count = 0;
    for (int k = 0; k < lanes.length; k++) {
      if (shuffled[k].length > step && weights[k].length > 0) {
        found[count++] = weights[k][step];
      }
    }
    return Arrays.copyOf(found, count);
  }

  /** Whether later epochs depend on what {@link #record} is told. */
  public boolean goesByScores() {
    return feed.goesByScores();
  }

  /** Tells the scores of a step's samples, in the order of {@link #localIndices}. */
  public synchronized void record(int epoch, int step, float[] stepScores) {
    int[] indices = localIndices(epoch, step);
    var known = known();
    for (int i = 0; i < indices.length; i++) {
      known[indices[i]] = stepScores[i];
    }
  }

  /** The latest scores, by local index; NaN where none is known. */
  public synchronized float[] scores() {
    return known().clone();
  }

  /** The scores that the order of the epoch under way goes by, by local index. */
  public synchronized float[] orderedBy() {
    return shuffled == null ? scores() : orderedBy.clone();
  }

  /**
   * Orders an epoch by scores that are no longer the latest.
   *
   * @param by the scores, by local index
   */
  public synchronized void begin(int epoch, float... by) {
    restore(by);
    shuffled = null;
    shuffleFor(epoch);
  }

  /** Takes over what {@link #scores} gave; an epoch that has begun stays in its order. */
  public synchronized void restore(float... latest) {
    scores = latest.clone();
  }

  /** Room for the scores of all samples. */
  private float[] known() {
    int most = 1 + Arrays.stream(lanes).mapToInt(Lane::largestIndex).max().orElse(-1);
    if (scores.length < most) {
      int before = scores.length;
      scores = Arrays.copyOf(scores, most);
      Arrays.fill(scores, before, most, Float.NaN);
    }
    return scores;
  }

  private int laneOf(long globalIndex) {
    return (int) (globalIndex % globalBatch);
  }

  private void shuffleFor(int epoch) {
    if (shuffled != null && shuffledEpoch == epoch) {
      return;
    }
    shuffled = new int[lanes.length][];
    weights = new float[lanes.length][];
    var known = known();
    orderedBy = known.clone();
    for (int k = 0; k < lanes.length; k++) {
      var local = lanes[k].inOrder(globalBatch);
      var laneScores = new float[local.length];
      for (int i = 0; i < local.length; i++) {
        laneScores[i] = known[local[i]];
      }
      var random = new SplittableRandom(laneSeed(epoch, lanes[k].number));
      var choice = feed.choose(epoch, laneScores, random);
      shuffled[k] = Arrays.stream(choice.positions()).map(position -> local[position]).toArray();
      weights[k] = choice.weights();
    }
    shuffledEpoch = epoch;
  }

  private long laneSeed(int epoch, int lane) {
    return SplitMix.mix(SplitMix.mix(SplitMix.mix(seed) ^ epoch) ^ lane);
  }

  /** The samples of one lane: position in the lane and local index, packed so that they sort. */
  private static final class Lane {

    private final int number;
    private long[] samples = new long[16];
    private int size;
    private int largestIndex = -1;

    Lane(int number) {
      this.number = number;
    }

    void add(int position, int localIndex) {
      if (size == samples.length) {
        samples = Arrays.copyOf(samples, Math.multiplyExact(size, 2));
      }
      largestIndex = Math.max(largestIndex, localIndex);
      samples[size++] = ((long) position << 32) | (localIndex & 0xFFFF_FFFFL);
    }

    int largestIndex() {
      return largestIndex;
    }

    /** The local indices in ascending order of the global index. */
    int[] inOrder(int globalBatch) {
      Arrays.sort(samples, 0, size);
      int[] local = new int[size];
      for (int i = 0; i < size; i++) {
        local[i] = (int) samples[i];
        if (i > 0 && samples[i] >>> 32 == samples[i - 1] >>> 32) {
          throw new IllegalStateException(
              "sample %d was added twice; a global index names one sample"
                  .formatted((samples[i] >>> 32) * globalBatch + number));
        }
      }
      return local;
    }
  }
}
