package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Periodic;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.training.Wish;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's claim to its folder, and its voice there: see {@link RunWord}. File systems have no locks
 * in common, so it is a lease: who says nothing for a while has lost it.
 */
final class RunLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);

  /** Java would ask a name server, which need not know this host. */
  private static final java.nio.file.Path HOST_NAME =
      java.nio.file.Path.of("/proc/sys/kernel/hostname");

  private static final Duration BEAT = Duration.ofSeconds(4);

  /** So long a driver may be silent that lives. */
  private static final Duration SILENCE = BEAT.multipliedBy(3);

  private static final Duration POLL = Duration.ofMillis(500);

  private final Path folder;
  private final Configuration hadoop;
  private final String host;
  private final String id = UUID.randomUUID().toString();
  private final String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final Periodic beats;
  private long count;
  private boolean lost;
  private volatile Wish wish = Wish.GO_ON;

  private RunLease(Path folder, Configuration hadoop) throws IOException {
    this.folder = folder;
    this.hadoop = hadoop;
    this.host = Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip();
    this.beats = new Periodic("run folder " + folder, BEAT, this::beat);
  }

  /**
   * Takes a folder.
   *
   * @param out where to say that another run is looked at, which takes seconds
   * @throws JobRefusedException when another run has it, and lives
   * @throws IOException when it can't be read or written
   */
  static RunLease take(Path folder, Configuration hadoop, PrintStream out) throws IOException {
    var lease = new RunLease(folder, hadoop);
    var holder = RunWord.read(folder, hadoop);
    if (holder.isPresent() && !lease.isKnownDead(holder.get())) {
      out.printf("waiting     up to %d s: a run has the output folder%n", SILENCE.toSeconds());
      lease.requireSilent(holder.get());
    }
    holder.ifPresent(
        dead -> out.printf("taking over the output folder of %s, which has ended%n", dead.who()));
    lease.say();
    lease.beats.begin();
    return lease;
  }

  private boolean isKnownDead(RunWord holder) {
    return holder.host().equals(host)
        && ProcessHandle.of(holder.pid()).filter(ProcessHandle::isAlive).isEmpty();
  }

  private void requireSilent(RunWord holder) throws IOException {
    var begin = System.nanoTime();
    var never = new CountDownLatch(1);
    try {
      while (System.nanoTime() - begin < SILENCE.toNanos()) {
        var said = RunWord.read(folder, hadoop);
        if (said.filter(word -> !word.equals(holder)).isPresent()) {
          throw new JobRefusedException(
              "the output folder %s is in use: %s, is at work there. Choose another --out, or stop that run first"
                  .formatted(folder, said.get().who()));
        }
        if (said.isEmpty() || never.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobRefusedException("interrupted while waiting for the output folder", e);
    }
  }

  /** What its ranks know it by. */
  String id() {
    return id;
  }

  /** Tells the ranks what is wanted of them; they see it within seconds. */
  void request(Wish wanted) {
    if (wish != wanted) {
      wish = wanted;
      beats.hurry();
    }
  }

  /** What was requested last. */
  Wish requested() {
    return wish;
  }

  private void say() throws IOException {
    count++;
    new RunWord(id, host, ProcessHandle.current().pid(), started, count, wish)
        .write(folder, hadoop);
  }

  private void beat() throws IOException {
    var there = RunWord.read(folder, hadoop);
    if (there.filter(word -> !word.id().equals(id)).isEmpty()) {
      say();
    } else if (!lost) {
      // Its ranks see it, too, and end.
      LOG.error("{} has taken over the output folder {}", there.get().who(), folder);
      lost = true;
    }
  }

  /** Gives the folder back. */
  @Override
  public void close() throws IOException {
    beats.close();
    if (RunWord.read(folder, hadoop).filter(word -> word.id().equals(id)).isPresent()) {
      JobFiles.fileSystem(folder, hadoop).delete(new Path(folder, RunWord.FILE), false);
    }
  }
}
