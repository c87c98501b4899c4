package org.murmuration.worker.training;

import java.util.SortedMap;
import java.util.TreeMap;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.training.RankState.Kept;

/** Averages the gradient at every step, while it is computed: all ranks take the same step. */
final class GradientAveraging implements Synchronizer {
  private final Replica replica;
  private final GlobalCounts counts;
  private final BucketedSum sum;

  GradientAveraging(Replica replica, Collective collective, GlobalCounts counts, int bucketBytes) {
    this.replica = replica;
    this.counts = counts;
    this.sum = new BucketedSum(collective, replica.gradient(), bucketBytes);
  }

  @Override
  public GradientListener begin(int step) {
    return sum.begin();
  }

  @Override
  public void await(int step) {
    sum.finish();
  }

  @Override
  public void update(int step, Phases phases) {
    replica.update(counts.of(step));
  }

  @Override
  public void leaveOut(int step, Phases phases) {}

  @Override
  public long busyNs() {
    return sum.busyNs();
  }

  @Override
  public RankState state() {
    SortedMap<String, Kept> state = new TreeMap<>();
    sum.addState(state);
    return new RankState(state);
  }

  @Override
  public void restore(RankState state) {
    sum.restore(state);
  }

  @Override
  public void close() {
    sum.close();
  }
}
