package org.murmuration.worker.model;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An updater whose steps are scaled for each array of weights by the array's norm, for large
 * batches: LARS over momentum, LAMB over Adam. DL4J's updaters see several arrays as one, so the
 * scaling is the optimizer's step of a {@code Replica}; DL4J's own training refuses it.
 */
public final class Layerwise implements IUpdater {
  private static final long serialVersionUID = 1L;

  /** How a step is scaled. */
  public enum Rule {
    /** The gradient by trust |w| / (|g| + decay |w|), before momentum (You et al. 2017). */
    LARS,
    /** The step to the length of learning rate times |w| (You et al. 2020). */
    LAMB
  }

  private final Rule rule;
  private final IUpdater base;
  private final double trust;

  /**
   * @param base what makes the step that is scaled; its state is this one's
   * @param trust how much of |w| a step of LARS may be, > 0; LAMB doesn't use it
   */
  @JsonCreator
  public Layerwise(
      @JsonProperty("rule") Rule rule,
      @JsonProperty("base") IUpdater base,
      @JsonProperty("trust") double trust) {
    if (!(trust > 0 && Double.isFinite(trust))) {
      throw new IllegalArgumentException("trust must be > 0, but is " + trust);
    }
    this.rule = rule;
    this.base = base;
    this.trust = trust;
  }

  /** How its steps are scaled. */
  @JsonProperty("rule")
  public Rule rule() {
    return rule;
  }

  /** What makes the step that is scaled. */
  @JsonProperty("base")
  public IUpdater base() {
    return base;
  }

  /** How much of the weights' norm a step of LARS may be, before the learning rate. */
  @JsonProperty("trust")
  public double trust() {
    return trust;
  }

  @Override
  public long stateSize(long numParams) {
    return base.stateSize(numParams);
  }

  @Override
  public GradientUpdater<Layerwise> instantiate(INDArray viewArray, boolean initializeViewArray) {
    return new State(this, base.instantiate(viewArray, initializeViewArray));
  }

  @Override
  public GradientUpdater<Layerwise> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    return new State(this, base.instantiate(updaterState, initializeStateArrays));
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return base.getLearningRate(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return base.hasLearningRate();
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    base.setLrAndSchedule(lr, lrSchedule);
  }

  @Override
  public Layerwise clone() {
    return new Layerwise(rule, base.clone(), trust);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Layerwise that
        && rule == that.rule
        && base.equals(that.base)
        && Double.compare(trust, that.trust) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(rule, trust);
  }

  /** Where the base's state is. */
  private record State(Layerwise config, GradientUpdater<?> base)
      implements GradientUpdater<Layerwise> {

    @Override
    public Layerwise getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
      base.setState(stateMap, initialize);
    }

    @Override
    public Map<String, INDArray> getState() {
      return base.getState();
    }

    @Override
    public void setStateViewArray(
        INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
      base.setStateViewArray(viewArray, gradientShape, gradientOrder, initialize);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      throw new UnsupportedOperationException(
          "%s scales the step of each array of weights, which DL4J's updaters can't: train with Murmuration, or give the network another updater"
              .formatted(config.rule));
    }
  }
}
