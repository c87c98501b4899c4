package org.murmuration.worker.bench;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One step of one contender. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class TrainingBenchmark {

  /** The contender's name on the command line. */
  @Param("libtorch-contiguous")
  public String contender;

  /** The workload's whole name. */
  @Param("cifar-net")
  public String workload;

  /** Images per step. */
  @Param("32")
  public int batch;

  /** How many threads an operation may use. */
  @Param("1")
  public int threads;

  /** The file to which goes what was trained and what its first losses were. */
  @Param("measurement.properties")
  public String report;

  private Training training;
  private boolean updated;

  /**
   * Starts the network, and takes the first steps, which say whether it computes what others
   * compute. For a contender whose steps take seconds they are all of the warm-up.
   */
  @Setup
  public void start() {
    var cell = new Cell(Workloads.exactly(workload), batch, threads);
    updated = cell.workload().updated();
    training = Contender.exactly(contender).start(cell);
    Measurement.reportTraining(Path.of(report), training);
  }

  /** Frees the network. */
  @TearDown
  public void stop() {
    training.close();
  }

  /** Forward, backward and, for whole networks, the update; the loss keeps all of it alive. */
  @Benchmark
  public double step() {
    return updated ? training.train() : training.differentiate();
  }
}
