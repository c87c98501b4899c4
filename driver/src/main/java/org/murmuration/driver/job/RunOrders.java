package org.murmuration.driver.job;

import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.Periodic;
import org.murmuration.worker.training.TrainingException;
import org.murmuration.worker.training.Wish;

/**
 * What the driver wants of its ranks, as one of them reads it in the run's folder: about every
 * second, in a thread of its own, so that a slow file system keeps nobody waiting.
 */
final class RunOrders implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final Path folder;
  private final String leaseId;
  private final Configuration hadoop;
  private final Periodic thread;
  private volatile Wish wish = Wish.GO_ON;
  private volatile String otherRun = "";

  private RunOrders(Path folder, String leaseId, Configuration hadoop) {
    this.folder = folder;
    this.leaseId = leaseId;
    this.hadoop = hadoop;
    this.thread = new Periodic("orders", POLL, this::read);
  }

  /**
   * Begins to read.
   *
   * @param leaseId of the run that these ranks belong to
   */
  static RunOrders reading(Path folder, String leaseId, Configuration hadoop) {
    var orders = new RunOrders(folder, leaseId, hadoop);
    orders.thread.begin();
    return orders;
  }

  private void read() throws IOException {
    var word = RunWord.read(folder, hadoop);
    if (word.isPresent() && word.get().id().equals(leaseId)) {
      wish = word.get().wish();
    } else if (word.isPresent()) {
      otherRun = word.get().who();
    }
  }

  /**
   * What the driver wants.
   *
   * @throws TrainingException when the folder belongs to another run by now
   */
  Wish wish() {
    if (!otherRun.isEmpty()) {
      throw new TrainingException(
          "the output folder %s was taken over by another run (%s), because the driver of this one gave no sign of life; this one ends"
              .formatted(folder, otherRun));
    }
    return wish;
  }

  @Override
  public void close() {
    thread.close();
  }
}
