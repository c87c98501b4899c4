package org.murmuration.worker.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times every contender in every cell and prints one table. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Times training steps of Murmuration, DL4J and libtorch.")
final class BenchmarkSuite implements Callable<Integer> {

  /** Maven's build folder of the module, which Maven says itself. */
  @Option(names = "--build", required = true, hidden = true)
  private Path build;

  @Option(
      names = "--workloads",
      paramLabel = "<name>",
      split = ",",
      defaultValue = "networks,layers",
      description = "networks, layers, or beginnings of names; default: ${DEFAULT-VALUE}")
  private List<String> workloads;

  @Option(
      names = "--batches",
      paramLabel = "<n>",
      split = ",",
      defaultValue = "32,128",
      description = "images per step; default: ${DEFAULT-VALUE}")
  private List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "<n>",
      split = ",",
      defaultValue = "1,2",
      description = "threads per operation; default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Option(
      names = "--contenders",
      paramLabel = "<name>",
      split = ",",
      defaultValue = "plain,murmuration,libtorch",
      description = "beginnings of names; default: ${DEFAULT-VALUE}")
  private List<String> contenders;

  @Option(
      names = "--rounds",
      paramLabel = "<n>",
      description = "how often the contenders of a cell take turns; default: 3, or 1 if quick")
  private Optional<Integer> rounds;

  @Option(names = "--quick", description = "shorter times, rough numbers")
  private boolean quick;

  @Spec private CommandSpec spec;

  private final PrintStream out = System.out;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchmarkSuite()).execute(arguments));
  }

  /**
   * @return 0, or 1 when a contender failed or trained something else than the others
   */
  @Override
  public Integer call() throws IOException, InterruptedException {
    var chosen = chosen();
    var cells = cells();
    double load = Host.load();
    var table = new ResultTable(chosen);
    var engines = new TreeSet<String>();
    List<String> complaints = new ArrayList<>();
    for (var cell : cells) {
      var result = measure(cell, chosen, complaints);
      table.add(result);
      result.measurements().values().forEach(measured -> engines.add(measured.engine()));
      complaints.addAll(result.disagreements());
    }
    print(table, load, engines, complaints);
    return complaints.isEmpty() ? 0 : 1;
  }

  private List<Contender> chosen() {
    return valid(
        () ->
            contenders.stream()
                .flatMap(name -> Contender.named(name).stream())
                .distinct()
                .toList());
  }

  private List<Cell> cells() {
    return valid(this::allCells);
  }

  private <T> T valid(Supplier<T> arguments) {
    try {
      return arguments.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private List<Cell> allCells() {
    if (rounds() < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, was " + rounds());
    }
    return workloads.stream()
        .flatMap(name -> Workloads.named(name).stream())
        .distinct()
        .flatMap(
            workload ->
                batches.stream()
                    .flatMap(
                        batch -> threads.stream().map(count -> new Cell(workload, batch, count))))
        .toList();
  }

  private int rounds() {
    return rounds.orElse(quick ? 1 : 3);
  }

  /** The contenders take turns, so that what disturbs the machine for a while disturbs all. */
  private CellResult measure(Cell cell, List<Contender> chosen, List<String> complaints)
      throws IOException, InterruptedException {
    var result = CellResult.empty(cell);
    for (int round = 1; round <= rounds(); round++) {
      for (var contender : chosen) {
        if (round == 1 || !contender.onlyOnce()) {
          measure(result, contender, round, complaints);
        }
      }
    }
    return result;
  }

  private void measure(CellResult result, Contender contender, int round, List<String> complaints)
      throws IOException, InterruptedException {
    var cell = result.cell();
    var folder = Files.createDirectories(build.resolve("bench"));
    var what = "%s, round %d, %s".formatted(cell, round, contender.option());
    var log = folder.resolve(what.replaceAll("[^A-Za-z0-9.]+", "-") + ".log");
    var measured =
        new ChildProcess(build.resolve("libtorch"), folder)
            .measure(contender, cell, Schedule.of(contender, cell.workload(), quick), log);
    measured.ifPresent(measurement -> result.add(contender, measurement));
    if (measured.isEmpty()) {
      complaints.add("%s failed, see %s".formatted(what, log));
    }
    out.printf("%s: %s%n", what, measured.map(Measurement::summary).orElse("failed"));
  }

  private void print(
      ResultTable table, double load, Iterable<String> engines, List<String> complaints) {
    out.printf(
        "%n%s, %d processors, load %.2f at the start, OMP_WAIT_POLICY %s, Java %s, %s%s%n",
        Host.processor(),
        Runtime.getRuntime().availableProcessors(),
        load,
        System.getenv().getOrDefault("OMP_WAIT_POLICY", "unset"),
        Runtime.version(),
        LocalDate.now(ZoneId.systemDefault()),
        quick ? ", quick" : "");
    out.printf(
        "images/s, median of %d iterations in each of %d rounds · times %s · peak memory%n%n",
        Schedule.ITERATIONS, rounds(), Contender.REFERENCE.column());
    out.println(table);
    out.println();
    engines.forEach(out::println);
    complaints.forEach(out::println);
  }
}
