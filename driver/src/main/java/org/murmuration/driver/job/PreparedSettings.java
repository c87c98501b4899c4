package org.murmuration.driver.job;

import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.data.prepared.DatasetManifest;

/**
 * The settings that a prepared data set depends on, by key.
 *
 * @param ofImages those that decide what an image becomes: rows that were made with others are no
 *     use
 * @param all these, and those that decide where it goes
 */
record PreparedSettings(SortedMap<String, String> ofImages, SortedMap<String, String> all) {
  static final String DEDUPLICATE = "preprocess.deduplicate";

  private static final Pattern OF_IMAGES =
      Pattern.compile("data\\.(source|columns\\..*|image\\..*|limits\\..*)|preprocess\\.keep");
  private static final Pattern OF_ORDER =
      Pattern.compile("data\\.classes|preprocess\\.(test-fraction|deduplicate|seed|parts)");

  static PreparedSettings of(JobConf conf) {
    return new PreparedSettings(matching(conf, OF_IMAGES), matching(conf, OF_IMAGES, OF_ORDER));
  }

  /**
   * Refuses to add to a data set of images of another kind.
   *
   * @throws JobRefusedException naming what differs
   */
  void requireSameImages(DatasetManifest finished, Path place) {
    var before = new TreeMap<>(finished.settings());
    before.keySet().removeIf(key -> !OF_IMAGES.matcher(key).matches());
    var differences =
        Stream.concat(before.keySet().stream(), ofImages.keySet().stream())
            .distinct()
            .filter(key -> !Objects.equals(before.get(key), ofImages.get(key)))
            .map(key -> "%s was %s, is now %s".formatted(key, before.get(key), ofImages.get(key)))
            .toList();
    if (!differences.isEmpty()) {
      throw new JobRefusedException(
          "%s was written with other settings: %s. Choose another --out, or remove it"
              .formatted(place, String.join("; ", differences)));
    }
  }

  private static SortedMap<String, String> matching(JobConf conf, Pattern... wanted) {
    SortedMap<String, String> settings = new TreeMap<>();
    conf.effective()
        .settings()
        .forEach(
            (key, setting) -> {
              if (Arrays.stream(wanted).anyMatch(keys -> keys.matcher(key).matches())) {
                settings.put(key, String.valueOf(setting.value()));
              }
            });
    return settings;
  }
}
