package org.murmuration.driver.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.conf.MaxBad;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.prepared.BadSample;

/**
 * How many samples of a job may be bad, and what is done with those that are.
 *
 * @param most how many may be
 * @param stated the setting
 */
record BadSamples(long most, String stated) implements Serializable {
  /** As many are named in a message. */
  static final int SHOWN = 5;

  /** No path and no message has it. */
  private static final String SEPARATOR = "\0";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** For a job of so many samples. */
  static BadSamples of(MaxBad maxBad, long samples) {
    return new BadSamples(maxBad.of(samples), maxBad.toString());
  }

  /** What to tell when there are too many, or empty. */
  Optional<String> complaint(long bad, List<String> examples) {
    return bad <= most
        ? Optional.empty()
        : Optional.of(
            "%,d samples can't be used, and data.max-bad = %s allows %,d. Mend or remove them, or raise data.max-bad. The first:%s"
                .formatted(
                    bad,
                    stated,
                    most,
                    examples.stream()
                        .limit(SHOWN)
                        .map(example -> "\n  " + example)
                        .collect(Collectors.joining())));
  }

  /**
   * The ranks count together, and all fail when there are too many; all must call it.
   *
   * @param bad of this rank
   */
  void require(Collective collective, List<BadSample> bad) throws BadDataException {
    List<String> words = new ArrayList<>();
    words.add(Integer.toString(bad.size()));
    bad.stream().limit(SHOWN).map(BadSample::describe).forEach(words::add);
    long all = 0;
    List<String> examples = new ArrayList<>();
    var mine = String.join(SEPARATOR, words).getBytes(StandardCharsets.UTF_8);
    for (var share : collective.allGather(mine)) {
      var parts = List.of(new String(share, StandardCharsets.UTF_8).split(SEPARATOR));
      all += Long.parseLong(parts.get(0));
      examples.addAll(parts.subList(1, parts.size()));
    }
    var complaint = complaint(all, examples);
    if (complaint.isPresent()) {
      throw new BadDataException(complaint.get());
    }
  }

  /** Writes a JSON object per line: path, the file that it is in, reason, message and bytes. */
  static void write(List<BadSample> bad, Path file, Configuration hadoop) throws IOException {
    JobFiles.write(
        file,
        hadoop,
        out -> {
          for (var sample : bad) {
            out.write(JSON.writeValueAsBytes(sample));
            out.write('\n');
          }
        });
  }
}
