package org.murmuration.driver.spark;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.murmuration.worker.accel.gpu.GpuException;
import org.murmuration.worker.collective.CollectiveException;
import org.murmuration.worker.health.LackOfMemoryException;
import org.murmuration.worker.training.TrainingException;
import org.murmuration.worker.transport.TransportException;
import org.murmuration.worker.transport.UnreachablePeerException;

/**
 * Finds out which rank failed first and why. When one rank fails, its neighbours fail too, because
 * they wait for it, and Spark's own message is of whichever it heard first.
 */
final class RankFailures extends SparkListener {

  /** What happened to a rank, the root cause first. */
  private enum Cause {
    OWN_FAULT(Hope.NONE),
    EXECUTOR_LOST(Hope.GOOD),
    OWN_EXCEPTION(Hope.GOOD),
    LOST_A_NEIGHBOUR(Hope.GOOD),
    FOUND_NO_NEIGHBOUR(Hope.IF_IT_EVER_RAN);

    private final Hope hope;

    Cause(Hope hope) {
      this.hope = hope;
    }
  }

  /** What a rank throws when it is another one that failed, or when it would fail again. */
  private static final Map<String, Cause> CAUSES =
      Map.of(
          TrainingException.class.getName(), Cause.OWN_FAULT,
          TaskException.OfBadData.class.getName(), Cause.OWN_FAULT,
          LackOfMemoryException.class.getName(), Cause.OWN_FAULT,
          GpuException.class.getName(), Cause.OWN_FAULT,
          JobRefusedException.class.getName(), Cause.OWN_FAULT,
          CollectiveException.class.getName(), Cause.LOST_A_NEIGHBOUR,
          UnreachablePeerException.class.getName(), Cause.FOUND_NO_NEIGHBOUR,
          TransportException.class.getName(), Cause.FOUND_NO_NEIGHBOUR);

  /** The exit code of what was ended by SIGKILL. */
  private static final Pattern KILLED = Pattern.compile("\\b137\\b");

  private static final String PERHAPS_MEMORY =
      " (137: it was killed; if by the kernel for want of memory, raise spark.executor.memoryOverhead or lower train.batch-size)";

  private record Failure(int rank, Cause cause, String message) {}

  /**
   * Why a stage failed.
   *
   * @param message in words, with the rank
   * @param hope whether another attempt may do better
   */
  record Reason(String message, Hope hope) {}

  /** Whether another attempt may do better. */
  enum Hope {
    /** What the job itself does wrong it does again. */
    NONE,
    /** Ranks that never reached each other won't, but those that have may again. */
    IF_IT_EVER_RAN,
    /** Executors, networks and disks fail, and are there again. */
    GOOD
  }

  private final Map<Integer, Failure> failures = new ConcurrentHashMap<>();

  /** Before the stage of the ranks there may be others, whose tasks bring them their data. */
  private volatile boolean ofRanks;

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    failures.clear();
    ofRanks = event.stageInfo().rddInfos().exists(rdd -> rdd.isBarrier());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.reason() instanceof TaskFailedReason reason && !(reason instanceof TaskKilled)) {
      var info = event.taskInfo();
      var where =
          "%s %d (executor %s on %s)"
              .formatted(
                  ofRanks ? "rank" : "reading task", info.index(), info.executorId(), info.host());
      failures.putIfAbsent(info.index(), failure(info.index(), where, reason));
    }
  }

  /** The failure that the others follow from. */
  Optional<Reason> first() {
    return failures.values().stream()
        .min(Comparator.comparing(Failure::cause).thenComparing(Failure::rank))
        .map(failure -> new Reason(failure.message(), failure.cause().hope));
  }

  private Failure failure(int rank, String where, TaskFailedReason reason) {
    if (reason instanceof ExceptionFailure thrown) {
      // Spark itself has tried tasks again that read.
      var otherwise = ofRanks ? Cause.OWN_EXCEPTION : Cause.OWN_FAULT;
      var cause = CAUSES.getOrDefault(thrown.className(), otherwise);
      return new Failure(rank, cause, where + " failed: " + TaskException.described(thrown));
    }
    var why = inOneLine(reason.toErrorString());
    return new Failure(
        rank,
        Cause.EXECUTOR_LOST,
        where + " was lost: " + why + (KILLED.matcher(why).find() ? PERHAPS_MEMORY : ""));
  }

  /** YARN's diagnostics have several. */
  private static String inOneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
