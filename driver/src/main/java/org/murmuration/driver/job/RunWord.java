package org.murmuration.driver.job;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.training.Wish;

/**
 * What a driver says in the folder of its run, again and again: that it lives, and what it wants of
 * its ranks.
 *
 * @param id of the driver's command, which no other has
 * @param host where it runs
 * @param pid its process there
 * @param started when, for people
 * @param beat how often it has said so; what changes shows life, whatever the clocks say
 * @param wish what it wants
 */
record RunWord(String id, String host, long pid, String started, long beat, Wish wish) {
  /** The name of the file. */
  static final String FILE = "_running.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  void write(Path folder, Configuration hadoop) throws IOException {
    var bytes = JSON.writeValueAsBytes(this);
    JobFiles.write(new Path(folder, FILE), hadoop, out -> out.write(bytes));
  }

  /**
   * What the folder says; empty when no driver has it, or the file is just being replaced.
   *
   * @throws IOException when it can't be read
   */
  static Optional<RunWord> read(Path folder, Configuration hadoop) throws IOException {
    var file = new Path(folder, FILE);
    try (var in = JobFiles.fileSystem(folder, hadoop).open(file)) {
      return Optional.of(JSON.readValue(in.readAllBytes(), RunWord.class));
    } catch (FileNotFoundException | JacksonException absent) {
      return Optional.empty();
    }
  }

  /** Who it is, for people. */
  String who() {
    return "process %d on %s, started at %s".formatted(pid, host, started);
  }
}
