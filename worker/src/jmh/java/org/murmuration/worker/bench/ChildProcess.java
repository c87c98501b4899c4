package org.murmuration.worker.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Starts {@link BenchmarkChild} with the class path and environment of a contender. */
final class ChildProcess {
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  /** What a benchmark without ND4J needs of this process's own class path, beside folders. */
  private static final List<String> JMH = List.of("jmh-", "jopt-simple-", "commons-math3-");

  private final Path libtorch;
  private final Path folder;

  /**
   * @param libtorch the folder with libtorch's jars
   * @param folder where reports go
   */
  ChildProcess(Path libtorch, Path folder) {
    this.libtorch = libtorch;
    this.folder = folder;
  }

  /**
   * Measures a contender, and waits for it.
   *
   * @param log where everything goes that it prints
   * @return what was measured, or empty when it failed, which the log tells
   */
  Optional<Measurement> measure(Contender contender, Cell cell, Schedule schedule, Path log)
      throws IOException, InterruptedException {
    var report = folder.resolve("measurement.properties");
    Files.deleteIfExists(report);
    var command = new ArrayList<>(java(contender));
    command.addAll(BenchmarkChild.arguments(contender, cell, schedule, report));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    for (var variable : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
      builder.environment().put(variable, String.valueOf(cell.threads()));
    }
    return finishes(builder.start()) ? Optional.of(Measurement.read(report)) : Optional.empty();
  }

  private static boolean finishes(Process process) throws InterruptedException {
    try {
      return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> java(Contender contender) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                // Agrona's buffers.
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    if (!contender.onLibtorch()) {
      command.add("-Dorg.bytedeco.javacpp.platform.extension=" + Host.nd4jExtension());
    }
    command.add("-cp");
    command.add(contender.onLibtorch() ? libtorchClassPath() : nd4jClassPath());
    command.add(BenchmarkChild.class.getName());
    return command;
  }

  private String libtorchClassPath() {
    var own = ownClassPath(entry -> entry.isDirectory() || isOfJmh(entry.getName()));
    return own + File.pathSeparator + libtorch.resolve("*");
  }

  private static String nd4jClassPath() {
    return ownClassPath(entry -> !entry.getName().startsWith("pytorch-"));
  }

  private static boolean isOfJmh(String name) {
    return JMH.stream().anyMatch(name::startsWith);
  }

  private static String ownClassPath(Predicate<File> wanted) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> wanted.test(new File(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
