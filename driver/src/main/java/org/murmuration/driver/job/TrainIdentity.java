package org.murmuration.driver.job;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.prepared.Sha256;
import org.murmuration.worker.training.TrainingJob;

/** What decides the course of training: a checkpoint of another course can't be gone on with. */
final class TrainIdentity {
  /**
   * The settings that decide it, down to the rounding of sums. The number of epochs is not one of
   * them, so that a finished run can be made longer; nor is the number of ranks, which changes no
   * more than the rounding as long as whole gradients are averaged in each step; nor what is done
   * when numbers go bad, which is often changed because they have.
   */
  private static final Pattern COURSE =
      Pattern.compile(
          "data\\.(source|classes|columns\\..*|image\\..*|augment|keep)|preprocess\\.layers|network\\..*"
              + "|train\\.(seed|reshuffle-every|precision|label-smoothing|clip-norm|average-weights|feed\\..*|accumulate|optimizer\\..*|schedule\\..*)"
              + "|averaging\\.(algorithm|bucket|wire|sparsity|every|outer\\..*)");

  private static final int FINGERPRINT = 16;

  private TrainIdentity() {}

  /** As far as the settings tell. */
  static SortedMap<String, String> of(JobConf conf) {
    SortedMap<String, String> identity = new TreeMap<>();
    identity.put("images per step", String.valueOf(conf.train().batchSize()));
    conf.effective()
        .settings()
        .forEach(
            (key, setting) -> {
              if (COURSE.matcher(key).matches()) {
                identity.put(key, String.valueOf(setting.value()));
              }
            });
    return identity;
  }

  /** All of it. */
  static SortedMap<String, String> of(JobConf conf, DataIndex index) {
    var identity = of(conf);
    identity.put(
        TrainingJob.DATA,
        "%,d images of %d classes, fingerprint %s"
            .formatted(index.train().samples(), index.classes().size(), fingerprint(index)));
    return identity;
  }

  /**
   * Of the names, sizes, labels and numbers of samples of all files in their order, and of the
   * classes; not of the folder that they are in, nor of when they were written.
   */
  private static String fingerprint(DataIndex index) {
    var text = new StringBuilder();
    var train = index.train();
    for (int i = 0; i < train.pieces().size(); i++) {
      var piece = train.pieces().get(i);
      text.append(
          "%s|%d|%s|%d%n"
              .formatted(
                  new Path(piece.path()).getName(),
                  piece.bytes(),
                  piece.label(),
                  train.counts()[i]));
    }
    text.append(index.classes().names());
    return Sha256.hex(text.toString()).substring(0, FINGERPRINT);
  }
}
