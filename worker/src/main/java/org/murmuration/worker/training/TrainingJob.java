package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.SortedMap;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.model.NetworkSpec;

/**
 * A training job as every rank gets it from the driver.
 *
 * @param network DL4J's JSON of the graph, preprocessing included
 * @param init how parameters start
 * @param computation how each rank computes
 * @param plan what the loop is to do
 * @param use how raw images become what the network takes, and what its classes are called
 * @param folder where model and checkpoints go, on any Hadoop file system
 * @param keepCheckpoints how many of the newest checkpoints to keep
 * @param from what is done, and whose checkpoint in the folder to go on from
 * @param identity what a checkpoint must have been made with to be resumed from
 */
public record TrainingJob(
    String network,
    NetworkSpec.Init init,
    ComputationSettings computation,
    TrainingPlan plan,
    ModelFile.Use use,
    String folder,
    int keepCheckpoints,
    Position from,
    SortedMap<String, String> identity)
    implements Serializable {

  /** The name of the saved model in the folder. */
  public static final String MODEL_FILE = "model.zip";

  /** The name of the saved model of the best epoch in the folder. */
  public static final String BEST_MODEL_FILE = "best.zip";

  /** Under this name the identity says what the data is. */
  public static final String DATA = "training data";

  /** The name of the folder of checkpoints in the folder. */
  public static final String CHECKPOINT_FOLDER = "checkpoints";

  /**
   * A run of some of the job's epochs.
   *
   * @param start what is done, and whose checkpoint the folder has
   * @param until epochs that are done when it ends
   */
  public TrainingJob part(Position start, int until) {
    return new TrainingJob(
        network,
        init,
        computation,
        plan.until(until),
        use,
        folder,
        keepCheckpoints,
        start,
        identity);
  }
}
