package org.murmuration.driver.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.murmuration.worker.model.OptimizerSpec;

/**
 * The settings of one job: every key of {@code reference.conf}, with its type, checked.
 *
 * @param name the name of the job, {@code job.name}
 * @param effective every setting that something reads, as text, with its origin
 */
public record JobConf(
    String name,
    DataConf data,
    PreprocessConf preprocess,
    NetworkConf network,
    TrainConf train,
    FeedConf feed,
    OptimizerSpec optimizer,
    CheckpointConf checkpoint,
    AveragingConf averaging,
    ClusterConf cluster,
    EvaluateConf evaluate,
    EffectiveSettings effective) {

  /**
   * Resolves the settings of a job: overrides win over the job file, which wins over {@code
   * reference.conf}. Values can refer to environment variables, to other keys and to {@code
   * user.home}.
   *
   * @param jobFile a HOCON file, or empty for the defaults
   * @param overrides {@code key=value}, the later one wins; the value is HOCON, and text that is
   *     not valid HOCON, such as a path or a URI, is taken as it stands
   * @throws ConfigurationException if the file is missing or malformed, a key is unknown, or a
   *     value is of the wrong type, out of range or in contradiction to another; lists every
   *     problem
   */
  public static JobConf load(Optional<Path> jobFile, List<String> overrides) {
    return read(problems -> JobSources.load(jobFile, overrides, problems));
  }

  /**
   * Resolves the settings of a job whose file is not on this machine, as {@link #load} does. The
   * file can't include others.
   *
   * @param name of the job file, for messages
   * @param text its content
   * @throws ConfigurationException as {@link #load} does
   */
  public static JobConf parse(String name, String text, List<String> overrides) {
    return read(problems -> JobSources.parse(name, text, overrides, problems));
  }

  private static JobConf read(Function<Problems, JobSettings> sources) {
    Problems problems = new Problems();
    JobSettings settings = sources.apply(problems);
    JobConf conf = new JobConfReader(settings, problems).read();
    problems.throwIfAny();
    return conf;
  }

  /**
   * The settings as sorted lines {@code key = value # origin}. They are HOCON: a job file with this
   * text gives the same settings. Keys that nothing reads are left out.
   */
  public String render() {
    return effective.render();
  }

  /**
   * The settings of {@link #render} as nested maps by the parts of the key, for a report: text,
   * numbers, truth values, lists, maps and nulls; times and sizes are text with a unit.
   */
  public Map<String, Object> toMap() {
    return effective.toMap();
  }
}
