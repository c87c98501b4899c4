package org.murmuration.worker.training;

import static org.murmuration.worker.training.BucketedSum.floats;

import java.util.SortedMap;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.training.RankState.Kept;
import org.murmuration.worker.training.RankState.Sharing;

/**
 * Averages parameters after every k steps and at the end of an epoch; in between every rank takes
 * its own steps (local SGD: Stich 2019). What the ranks sum is how far each has gone since the last
 * time, weighted by its share of the samples; that sum is the gradient of an outer step with
 * Nesterov momentum (DiLoCo: Douillard et al. 2023). With a learning rate of 1 and no momentum the
 * outer step ends at the plain mean.
 *
 * <p>The state of the inner optimizer stays with its rank, as in DiLoCo.
 */
final class ParameterAveraging implements Synchronizer {
  private static final String OPTIMIZER = "optimizer";
  private static final String MOMENTUM = "outer momentum";

  private final Replica replica;
  private final BatchSource batches;
  private final GlobalCounts counts;
  private final AveragingPlan plan;
  private final BucketedSum sum;
  private final UnsafeBuffer parameters;

  /** Where all ranks last were together. */
  private final UnsafeBuffer anchor;

  /** How far this rank has gone from there; then the weighted sum of all ranks. */
  private final UnsafeBuffer moved;

  private final UnsafeBuffer momentum;
  private long samples;
  private long globalSamples;

  ParameterAveraging(
      Replica replica,
      BatchSource batches,
      Collective collective,
      GlobalCounts counts,
      AveragingPlan plan) {
    this.replica = replica;
    this.batches = batches;
    this.counts = counts;
    this.plan = plan;
    this.parameters = replica.parameters();
    var length = parameters.capacity() / Float.BYTES;
    this.anchor = BucketedSum.allocate(length);
    this.moved = BucketedSum.allocate(length);
    this.momentum = BucketedSum.allocate(length);
    this.sum = new BucketedSum(collective, moved, plan.bucketBytes());
    anchor.putBytes(0, parameters, 0, parameters.capacity());
  }

  @Override
  public GradientListener begin(int step) {
    return GradientListener.NONE;
  }

  @Override
  public void await(int step) {}

  @Override
  public void update(int step, Phases phases) {
    var count = count(step);
    if (count > 0) {
      replica.update(count);
    }
    pass(step, phases);
  }

  @Override
  public void leaveOut(int step, Phases phases) {
    pass(step, phases);
  }

  private int count(int step) {
    return step < batches.steps() ? batches.count(step) : 0;
  }

  private void pass(int step, Phases phases) {
    samples += count(step);
    globalSamples += counts.of(step);
    if ((step + 1) % plan.every() == 0 || step + 1 == counts.steps()) {
      phases.computeDone();
      average();
      phases.averagingDone();
    }
  }

  private void average() {
    var weight = (float) ((double) samples / globalSamples);
    for (int i = 0; i < parameters.capacity(); i += Float.BYTES) {
      moved.putFloat(i, weight * (anchor.getFloat(i) - parameters.getFloat(i)));
    }
    sum.begin();
    sum.finish();
    takeOuterStep();
    samples = 0;
    globalSamples = 0;
  }

  private void takeOuterStep() {
    var rate = (float) plan.outerLearningRate();
    var decay = (float) plan.outerMomentum();
    for (int i = 0; i < parameters.capacity(); i += Float.BYTES) {
      var gradient = moved.getFloat(i);
      var velocity = decay * momentum.getFloat(i) + gradient;
      momentum.putFloat(i, velocity);
      parameters.putFloat(i, anchor.getFloat(i) - rate * (gradient + decay * velocity));
    }
    anchor.putBytes(0, parameters, 0, parameters.capacity());
  }

  @Override
  public long busyNs() {
    return sum.busyNs();
  }

  @Override
  public RankState state() {
    SortedMap<String, Kept> state = new TreeMap<>();
    state.put(OPTIMIZER, Kept.of(Sharing.MEAN, replica.state().updaterState()));
    state.put(MOMENTUM, Kept.of(Sharing.MEAN, floats(momentum)));
    sum.addState(state);
    return new RankState(state);
  }

  @Override
  public void restore(RankState state) {
    var own = replica.state();
    replica.restore(
        new ModelState(
            own.epoch(),
            own.iteration(),
            own.parameters(),
            state.floats(OPTIMIZER, own.updaterState().remaining()),
            own.average()));
    floats(momentum).put(0, state.floats(MOMENTUM, length()), 0, length());
    sum.restore(state);
    anchor.putBytes(0, parameters, 0, parameters.capacity());
  }

  private int length() {
    return parameters.capacity() / Float.BYTES;
  }

  @Override
  public void close() {
    sum.close();
  }
}
