package org.murmuration.worker.optimizer;

/** How an updater makes the step that is subtracted from the parameters out of the gradient. */
interface UpdateRule {

  /** The values that the updater keeps for each parameter. */
  int states();

  /** The rule with the rates of one step. */
  Formula at(int iteration, int epoch);

  /** What a step does to a piece of the vectors. */
  @FunctionalInterface
  interface Formula {

    /**
     * Makes the step.
     *
     * @param gradient on entry the gradient, on return the step
     * @param states one array for each state, changed in place
     * @param length how many values of each array count
     */
    void apply(float[] gradient, float[][] states, int length);
  }
}
