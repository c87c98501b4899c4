package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.Computations;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.accel.plan.StepTime;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says where the time of a training step goes, layer by layer. */
@Command(
    name = "profile",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Prints what each layer of a compiled training step takes, beside its traffic.")
final class Profile implements Callable<Integer> {
  private static final double NS_PER_MS = 1e6;
  private static final int RUNS = 15;

  @Option(names = "--workload", defaultValue = "vgg-small", description = "a network's name")
  private String workload;

  @Option(names = "--batch", defaultValue = "128", description = "images per step")
  private int batch;

  @Option(names = "--threads", defaultValue = "1", description = "threads per operation")
  private int threads;

  @Option(names = "--precision", defaultValue = "FP32", description = "FP32 or BF16")
  private Precision precision;

  @Option(names = "--steps", description = "each step instead of each layer's sum")
  private boolean steps;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Profile()).execute(arguments));
  }

  @Override
  public Integer call() {
    var cell = new Cell(Workloads.exactly(workload), batch, threads);
    NativeBackend.prepare(threads);
    var graph = new ComputationGraph(Dl4jGraphs.configuration(cell));
    graph.init();
    graph.initGradientsView();
    Dl4jGraphs.fill(graph);
    var times = Computations.profile(graph, precision, Dl4jGraphs.batch(cell), RUNS);
    System.out.printf("%s, %s, %s%n%n", cell, precision, Host.processor());
    print(times);
    return 0;
  }

  private void print(List<StepTime> times) {
    Map<String, List<StepTime>> rows = new LinkedHashMap<>();
    for (int i = 0; i < times.size(); i++) {
      var time = times.get(i);
      var row = steps ? "%3d %s: %s".formatted(i, time.layer(), time.what()) : time.layer();
      rows.computeIfAbsent(row, key -> new ArrayList<>()).add(time);
    }
    long all = times.stream().mapToLong(StepTime::nanos).sum();
    System.out.printf(
        "%9s %6s %8s %8s %9s %7s  %s%n",
        "ms", "%", "GFLOP", "GFLOP/s", "MB", "GB/s", steps ? "step" : "layer");
    rows.forEach((name, row) -> print(name, row, all));
    print("all", times, all);
  }

  private static void print(String name, List<StepTime> row, long all) {
    long nanos = row.stream().mapToLong(StepTime::nanos).sum();
    long flops = row.stream().mapToLong(StepTime::flops).sum();
    long bytes = row.stream().mapToLong(StepTime::bytes).sum();
    System.out.printf(
        "%9.3f %6.1f %8.2f %8.0f %9.1f %7.1f  %s%n",
        nanos / NS_PER_MS,
        100.0 * nanos / all,
        flops / 1e9,
        (double) flops / nanos,
        bytes / 1e6,
        (double) bytes / nanos,
        name);
  }
}
