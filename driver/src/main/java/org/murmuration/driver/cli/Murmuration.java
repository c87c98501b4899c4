package org.murmuration.driver.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.job.Versions;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.accel.gpu.Backends;
import org.murmuration.worker.accel.gpu.GpuException;
import org.murmuration.worker.accel.gpu.GpuHost;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.training.TrainingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** The command line. Exit codes: 0 done, 1 the job failed, 2 bad usage or settings. */
@Command(
    name = "murmuration",
    description = "Trains neural networks data-parallel on Apache Spark.",
    mixinStandardHelpOptions = true,
    versionProvider = Murmuration.Version.class,
    subcommands = {
      PreprocessCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      DescribeCommand.class,
      DoctorCommand.class
    },
    footer = {
      "",
      "What spark-submit knows goes to Spark: --master URL, --deploy-mode, --conf KEY=VALUE,",
      "--num-executors, --executor-memory, --executor-cores, --queue, --properties-file ...",
      "Without --master: two executors in processes of their own on this machine.",
      "",
      "Exit codes: 0 done, 1 the job failed, 2 bad usage or settings."
    })
public final class Murmuration {
  private static final Logger LOG = LoggerFactory.getLogger(Murmuration.class);

  /** The job failed. */
  static final int FAILED = 1;

  /** Bad usage or settings. */
  static final int BAD_USAGE = 2;

  private Murmuration() {}

  /** Runs a command; what keeps it from ending well goes to the terminal. */
  public static int run(String... arguments) {
    var said = new StringWriter();
    var exitCode = run(new PrintWriter(said, true), arguments);
    System.err.print(said);
    System.err.flush();
    return exitCode;
  }

  /**
   * Runs a command.
   *
   * @param err what keeps it from ending well goes there
   * @return the exit code
   */
  public static int run(PrintWriter err, String... arguments) {
    var commandLine =
        new CommandLine(new Murmuration())
            .setErr(err)
            .setExecutionStrategy(Murmuration::runHere)
            .setExecutionExceptionHandler(Murmuration::explain);
    if (arguments.length == 0) {
      commandLine.usage(commandLine.getErr());
      return BAD_USAGE;
    }
    return commandLine.execute(arguments);
  }

  /**
   * Everything but help needs ND4J's backend, which says in a stack trace that it doesn't start.
   */
  private static int runHere(ParseResult parsed) {
    var help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    try {
      Backends.of(Murmuration.class.getClassLoader()).requireDriver(GpuHost.driver());
    } catch (GpuException e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), e.getMessage(), e);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** A user's mistake or a failed job is told in words; anything else is a bug, with its trace. */
  private static int explain(Exception e, CommandLine commandLine, ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (e instanceof ConfigurationException) {
      err.println("murmuration: the settings are not usable:\n" + e.getMessage().indent(2));
      return BAD_USAGE;
    }
    err.println("murmuration: " + e.getMessage());
    err.flush();
    if (!isExpected(e)) {
      LOG.error("this looks like a bug in Murmuration", e);
    }
    return FAILED;
  }

  private static boolean isExpected(Exception e) {
    return e instanceof JobFailedException
        || e instanceof TrainingException
        || e instanceof GpuException
        || e instanceof BadDataException
        || e instanceof IOException
        || e instanceof JobRefusedException;
  }

  /** The versions that the build wrote down. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      var versions = Versions.build();
      return new String[] {
        "Murmuration %s (Spark %s, DL4J %s, Aeron %s)"
            .formatted(
                versions.getProperty("murmuration"),
                versions.getProperty("spark"),
                versions.getProperty("dl4j"),
                versions.getProperty("aeron"))
      };
    }
  }
}
