package org.murmuration.worker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a contender did in a cell.
 *
 * @param millisPerStep the mean time of a step in each of JMH's iterations, in milliseconds
 * @param losses the mean loss of each of the first steps, before anything is timed
 * @param parameters how many the optimizer changes
 * @param peakMib the most memory that was resident in the process, in MiB
 * @param engine what computed
 */
record Measurement(
    List<Double> millisPerStep, List<Double> losses, long parameters, long peakMib, String engine) {

  private static final int CHECKED_STEPS = 3;
  private static final String MILLIS = "millis-per-step";
  private static final String LOSSES = "losses";
  private static final String PARAMETERS = "parameters";
  private static final String PEAK = "peak-mib";
  private static final String ENGINE = "engine";

  /** Takes some steps and writes what came of them to a file. */
  static void reportTraining(Path file, Training training) {
    append(file, LOSSES, words(Stream.generate(training::train).limit(CHECKED_STEPS).toList()));
    append(file, PARAMETERS, training.trainedParameters());
    append(file, ENGINE, training.engine());
  }

  /** Adds the times and this process's memory. */
  static void reportTimes(Path file, List<Double> millisPerStep) {
    append(file, MILLIS, words(millisPerStep));
    append(file, PEAK, Host.peakResidentMib());
  }

  /** Reads a file to which everything was reported. */
  static Measurement read(Path file) throws IOException {
    var found = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      found.load(reader);
    }
    return new Measurement(
        numbers(found.getProperty(MILLIS)),
        numbers(found.getProperty(LOSSES)),
        Long.parseLong(found.getProperty(PARAMETERS)),
        Long.parseLong(found.getProperty(PEAK)),
        found.getProperty(ENGINE));
  }

  /** The same contender in the same cell, measured again: all times, and the higher peak. */
  Measurement and(Measurement again) {
    var times = Stream.concat(millisPerStep.stream(), again.millisPerStep.stream()).toList();
    return new Measurement(times, losses, parameters, Math.max(peakMib, again.peakMib), engine);
  }

  /** Median and range of the iterations, and the peak of memory. */
  String summary() {
    return "%.2f ms a step (%.2f to %.2f), %,d MiB"
        .formatted(
            median(), Collections.min(millisPerStep), Collections.max(millisPerStep), peakMib);
  }

  /** The median of the iterations, in milliseconds per step. */
  double median() {
    return Median.of(millisPerStep.stream().mapToDouble(Double::doubleValue));
  }

  private static String words(List<Double> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static List<Double> numbers(String words) {
    return Arrays.stream(words.split(" ")).map(Double::valueOf).toList();
  }

  private static void append(Path file, String key, Object value) {
    try {
      Files.writeString(
          file, key + "=" + value + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("%s can't be written to %s".formatted(key, file), e);
    }
  }
}
