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
 * @param classes the number of classes
 * @param folder where model and checkpoints go, on any Hadoop file system
 * @param keepCheckpoints how many of the newest checkpoints to keep
 * @param resume whether to go on from the newest good checkpoint of the folder
 * @param identity what a checkpoint must have been made with to be resumed from
 */
public record TrainingJob(
    String network,
    NetworkSpec.Init init,
    ComputationSettings computation,
    TrainingPlan plan,
    int classes,
    String folder,
    int keepCheckpoints,
    boolean resume,
    SortedMap<String, String> identity)
    implements Serializable {

  /** The name of the saved model in the folder. */
  public static final String MODEL_FILE = "model.zip";

  /** The name of the folder of checkpoints in the folder. */
  public static final String CHECKPOINT_FOLDER = "checkpoints";
}
