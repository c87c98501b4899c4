package org.murmuration.driver.spark;

import java.io.PrintStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.murmuration.worker.accel.gpu.Backends;
import org.murmuration.worker.accel.gpu.GpuException;

/** Makes the Spark context of a job, with the settings that training needs. */
public final class Contexts {
  private Contexts() {}

  /** Hadoop's configuration as Spark will have it, for what is looked at before Spark starts. */
  public static Configuration hadoop() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }

  /** Whether executors live in containers that are killed when they grow too large. */
  public static boolean hasMemoryLimits() {
    return ExecutorShape.isManaged(new SparkConf());
  }

  /** How many ranks an executor will run, as far as the settings say; at least 1. */
  public static int ranksPerExecutor() {
    return ExecutorShape.of(new SparkConf()).ranks();
  }

  /**
   * Starts Spark as spark-submit was told, for ranks.
   *
   * @param demand what the job asks for
   * @param out where to say what was changed of Spark's settings
   * @throws JobRefusedException when a setting contradicts barrier execution, or Spark does not
   *     start
   */
  public static JavaSparkContext start(Demand demand, PrintStream out) {
    var conf = new SparkConf();
    requireBackend(conf);
    BarrierSettings.correct(conf, demand.ranks())
        .forEach(note -> out.println("spark       " + note));
    demand
        .memory()
        .flatMap(memory -> ExecutorMemory.plan(conf, memory))
        .ifPresent(note -> out.println("memory      " + note));
    var threads = Integer.toString(demand.threadsPerRank());
    conf.setAppName("murmuration " + demand.name())
        // Progress comes with the heartbeats.
        .setIfMissing("spark.executor.heartbeatInterval", "1s")
        .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", threads)
        .setIfMissing("spark.executorEnv.OPENBLAS_NUM_THREADS", threads);
    var master = conf.get("spark.master", "");
    if (master.equals("local") || master.startsWith("local[")) {
      NativeLibraries.requireOpen(master);
    }
    return start(conf);
  }

  /**
   * Starts Spark as spark-submit was told, for ordinary tasks, which may be tried again and for
   * which executors may come and go.
   *
   * @param name the application's name
   * @param memory what a task takes beside the Java heap
   * @throws JobRefusedException when Spark does not start
   */
  public static JavaSparkContext startTasks(String name, RankMemory memory) {
    var conf = new SparkConf().setAppName("murmuration " + name);
    ExecutorMemory.plan(conf, memory);
    return start(conf);
  }

  private static JavaSparkContext start(SparkConf conf) {
    NativeLibraries.configureExecutors(conf);
    conf.setIfMissing("spark.ui.showConsoleProgress", "false")
        // Without it a JVM can't open files whose names have other letters than ASCII's.
        .setIfMissing("spark.executorEnv.LC_ALL", "C.UTF-8")
        // Else Spark's end waits two minutes for an executor that stands still to forget something.
        .setIfMissing("spark.cleaner.referenceTracking.blocking", "false")
        // What it can't decode is told by exceptions, with the file's name.
        .setIfMissing("spark.executorEnv.OPENCV_LOG_LEVEL", "SILENT");
    try {
      var spark = new JavaSparkContext(conf);
      spark.sc().addSparkListener(new StillbornExecutors(spark.sc()));
      return spark;
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      throw new JobRefusedException(
          "Spark did not start on %s: %s"
              .formatted(conf.get("spark.master", "no master"), reasons(e)),
          e);
    }
  }

  /** One of ND4J's backends, and that for which executors are asked for. */
  private static void requireBackend(SparkConf conf) {
    var backends = Backends.of(Contexts.class.getClassLoader());
    try {
      backends.require(ExecutorShape.of(conf).gpus());
    } catch (GpuException e) {
      throw new JobRefusedException(e.getMessage(), e);
    }
    if (backends.cuda()) {
      // As nvidia-smi and cluster managers number GPUs; CUDA itself puts the fastest first.
      conf.setIfMissing("spark.executorEnv.CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    }
  }

  /** What Spark says, and what lies behind it. */
  private static String reasons(Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == e ? e.getMessage() : e.getMessage() + ", as " + root;
  }
}
