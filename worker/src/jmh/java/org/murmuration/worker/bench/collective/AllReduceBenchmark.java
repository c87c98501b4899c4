package org.murmuration.worker.bench.collective;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.murmuration.worker.bench.Host;
import org.murmuration.worker.bench.collective.Results.Place;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times all-reduces between processes and what they are measured by, and prints one table. */
@Command(
    name = "all-reduce",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Times sums of fp32 vectors over ranks that are processes of this machine.")
final class AllReduceBenchmark implements Callable<Integer> {
  private static final int ROUNDS = 2;

  @Option(
      names = "--ranks",
      paramLabel = "<n>",
      split = ",",
      defaultValue = "2,4,8",
      description = "how many processes; default: ${DEFAULT-VALUE}")
  private List<Integer> ranks;

  @Option(
      names = "--sizes",
      paramLabel = "<size>",
      split = ",",
      defaultValue = "4KiB,64KiB,1MiB,16MiB,100MiB",
      description = "of the vector; default: ${DEFAULT-VALUE}")
  private List<String> sizes;

  @Option(
      names = "--contenders",
      paramLabel = "<name>",
      split = ",",
      description = "beginnings of names; default: all, or without bf16, fp16 and DL4J if quick")
  private List<String> contenders = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "<n>",
      description = "how often the contenders take turns; default: 2, or 1 if quick")
  private Optional<Integer> rounds;

  @Option(names = "--quick", description = "fewer operations, rough numbers")
  private boolean quick;

  @Option(names = "--build", hidden = true, defaultValue = "target")
  private Path build;

  @Option(
      names = "--logs",
      paramLabel = "<folder>",
      defaultValue = "target/bench",
      description = "where goes what the processes print; default: ${DEFAULT-VALUE}")
  private Path logs;

  @Spec private CommandSpec spec;

  private final PrintStream out = System.out;
  private final Results results = new Results();
  private final List<String> complaints = new ArrayList<>();

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new AllReduceBenchmark()).execute(arguments));
  }

  /**
   * @return 0, or 1 when a contender failed
   */
  @Override
  public Integer call() throws IOException, InterruptedException {
    var chosen = valid(this::chosen);
    var bytes = valid(() -> sizes.stream().map(ByteSize::parse).distinct().sorted().toList());
    valid(this::requireNumbers);
    double load = Host.load();
    Files.createDirectories(logs);
    for (var count : ranks) {
      for (int round = 1; round <= rounds(); round++) {
        for (var contender : chosen) {
          if (round == 1 || !contender.isExtra()) {
            measure(contender, count, bytes, round);
          }
        }
      }
    }
    print(bytes, chosen, load);
    return complaints.isEmpty() ? 0 : 1;
  }

  private List<Contender> chosen() {
    if (contenders.isEmpty()) {
      return Stream.of(Contender.values()).filter(each -> !quick || !each.isExtra()).toList();
    }
    return contenders.stream().flatMap(name -> Contender.named(name).stream()).distinct().toList();
  }

  private boolean requireNumbers() {
    if (rounds() < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, was " + rounds());
    }
    for (var count : ranks) {
      if (count < 2 || count > KnownValues.MOST_RANKS) {
        throw new IllegalArgumentException(
            "--ranks must be from 2 to %d, was %d".formatted(KnownValues.MOST_RANKS, count));
      }
    }
    return true;
  }

  private <T> T valid(Supplier<T> arguments) {
    try {
      return arguments.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int rounds() {
    return rounds.orElse(quick ? 1 : ROUNDS);
  }

  private void measure(Contender contender, int count, List<Integer> bytes, int round)
      throws InterruptedException {
    var what = "%d ranks, round %d, %s".formatted(count, round, contender.option());
    var log = logs.resolve("all-reduce-" + what.replaceAll("[^a-z0-9]+", "-") + ".log");
    try {
      var effort = quick || contender.isExtra() ? Effort.QUICK : Effort.FULL;
      var outcome = World.measure(contender, count, bytes, effort, build, log);
      outcome
          .samples()
          .forEach((size, samples) -> results.add(new Place(count, size, contender), samples));
      out.printf("%s: %s%n", what, summary(outcome.samples().values()));
      outcome.failure().ifPresent(failure -> complain(what, failure, log));
    } catch (IOException e) {
      complain(what, e.getMessage(), log);
    }
  }

  private void complain(String what, String failure, Path log) {
    complaints.add("%s failed: %s; see %s".formatted(what, failure, log));
    out.println(complaints.get(complaints.size() - 1));
  }

  private static String summary(Iterable<Samples> measured) {
    List<String> medians = new ArrayList<>();
    measured.forEach(samples -> medians.add(Results.time(samples.median())));
    return String.join(", ", medians);
  }

  private void print(List<Integer> bytes, List<Contender> chosen, double load) {
    out.printf(
        "%n%s, %d processors, load %.2f at the start, Java %s, %s%s%n",
        Host.processor(),
        Runtime.getRuntime().availableProcessors(),
        load,
        Runtime.version(),
        LocalDate.now(ZoneId.systemDefault()),
        quick ? ", quick" : "");
    out.printf(
        "rounds: %d · GB/s of the vector from the median · bus GB/s as nccl-tests count"
            + " · CPU seconds of all processes per GiB of vector%n%n",
        rounds());
    out.println(results.table(ranks, bytes, chosen));
    out.println();
    complaints.forEach(out::println);
  }
}
