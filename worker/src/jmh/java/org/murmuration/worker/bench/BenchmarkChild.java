package org.murmuration.worker.bench;

import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The process of one contender in one cell. JMH doesn't fork again: this process runs nothing else,
 * and JMH could set neither a fork's environment nor its class path.
 */
final class BenchmarkChild {
  private BenchmarkChild() {}

  /** What the process is started with. */
  static List<String> arguments(Contender contender, Cell cell, Schedule schedule, Path report) {
    return List.of(
        contender.option(),
        cell.workload().name(),
        String.valueOf(cell.batch()),
        String.valueOf(cell.threads()),
        report.toString(),
        String.valueOf(schedule.warmups()),
        String.valueOf(schedule.iterations()),
        String.valueOf(schedule.iterationMillis()));
  }

  /** Takes {@link #arguments} and appends to the report what was measured. */
  public static void main(String[] arguments) throws RunnerException {
    var time = TimeValue.milliseconds(Long.parseLong(arguments[7]));
    var options =
        new OptionsBuilder()
            .include(TrainingBenchmark.class.getName())
            .param("contender", arguments[0])
            .param("workload", arguments[1])
            .param("batch", arguments[2])
            .param("threads", arguments[3])
            .param("report", arguments[4])
            .forks(0)
            .warmupIterations(Integer.parseInt(arguments[5]))
            .warmupTime(time)
            .measurementIterations(Integer.parseInt(arguments[6]))
            .measurementTime(time)
            .shouldFailOnError(true)
            .build();
    Measurement.reportTimes(Path.of(arguments[4]), iterations(new Runner(options).runSingle()));
  }

  private static List<Double> iterations(RunResult result) {
    return result.getBenchmarkResults().stream()
        .flatMap(benchmark -> benchmark.getIterationResults().stream())
        .map(iteration -> iteration.getPrimaryResult().getScore())
        .toList();
  }
}
