package org.murmuration.worker.bench.image;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.murmuration.worker.bench.Host;
import org.murmuration.worker.bench.MarkdownTable;
import org.murmuration.worker.bench.Median;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times decoders on the JPEG files of a folder, one thread each, in turns. */
@Command(
    name = "decode",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Times the decoding of a folder's JPEG files and their resizing to a square.")
final class DecodeBenchmark implements Callable<Integer> {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;

  @Option(
      names = "--files",
      paramLabel = "<folder>",
      required = true,
      description = "with files named *.jpg")
  private Path folder;

  @Option(
      names = "--size",
      paramLabel = "<pixels>",
      defaultValue = "224",
      description = "of the square; default: ${DEFAULT-VALUE}")
  private int size;

  @Option(
      names = "--rounds",
      paramLabel = "<n>",
      defaultValue = "7",
      description = "how often the decoders take turns; default: ${DEFAULT-VALUE}")
  private int rounds;

  @Spec private CommandSpec spec;

  private final PrintStream out = System.out;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new DecodeBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    requireAtLeastOne("--size", size);
    requireAtLeastOne("--rounds", rounds);
    var files = files();
    Map<Contender, List<Double>> nanos = new EnumMap<>(Contender.class);
    for (int round = 0; round <= rounds; round++) {
      for (var contender : Contender.values()) {
        var each = contender.nanosPerImage(files, size);
        // The first round is for Java's compiler.
        if (round > 0) {
          nanos.computeIfAbsent(contender, key -> new ArrayList<>()).add(each);
        }
      }
    }
    out.printf(
        "%s, load %.2f at the end, Java %s, %s%n%d files, one thread, median of %d rounds%n%n",
        Host.processor(),
        Host.load(),
        Runtime.version(),
        LocalDate.now(ZoneId.systemDefault()),
        files.size(),
        rounds);
    out.println(table(nanos));
    return 0;
  }

  private void requireAtLeastOne(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), "%s must be at least 1, was %d".formatted(option, value));
    }
  }

  private List<Path> files() throws IOException {
    try (var found = Files.list(folder)) {
      var files = found.filter(file -> file.toString().endsWith(".jpg")).sorted().toList();
      if (files.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--files: %s has no file named *.jpg".formatted(folder));
      }
      return files;
    }
  }

  private static MarkdownTable table(Map<Contender, List<Double>> rounds) {
    Map<Contender, Double> nanos = new EnumMap<>(Contender.class);
    rounds.forEach(
        (contender, each) ->
            nanos.put(contender, Median.of(each.stream().mapToDouble(Double::doubleValue))));
    var reference = nanos.get(Contender.REFERENCE);
    var table = new MarkdownTable(List.of("decoder", "us an image", "images/s", "times djpeg"));
    nanos.forEach(
        (contender, each) ->
            table.add(
                List.of(
                    contender.text(),
                    "%.0f".formatted(each / NANOS_PER_MICRO),
                    "%.0f".formatted(NANOS_PER_SECOND / each),
                    "%.2f".formatted(reference / each))));
    return table;
  }
}
