package org.murmuration.worker;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A Java process beside that of the tests, as alike as it needs to be. */
public final class ChildJvm {
  private ChildJvm() {}

  /** The command that runs a class of the tests as this process runs. */
  public static List<String> command(Class<?> main) {
    return Stream.of(
            Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
            Stream.of("-XX:+UseSerialGC"),
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens")),
            Stream.of(
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()))
        .flatMap(parts -> parts)
        .toList();
  }
}
