package org.murmuration.driver;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.spark.SparkConf;
import org.murmuration.driver.cli.Murmuration;
import org.murmuration.driver.spark.NativeLibraries;

/** Where spark-submit begins. */
public final class Main {
  private Main() {}

  /**
   * Runs a command, and ends the process with its exit code. Where a cluster manager has started
   * the driver it is told instead: YARN takes a driver that ends its process itself for one that
   * failed, whatever the exit code.
   */
  public static void main(String[] arguments) {
    NativeLibraries.configureThisProcess();
    var said = new StringWriter();
    var exitCode = Murmuration.run(new PrintWriter(said, true), arguments);
    System.err.print(said);
    System.err.flush();
    if (!new SparkConf().get("spark.submit.deployMode", "client").equals("cluster")) {
      // Spark's timer of barriers would keep the process alive.
      System.exit(exitCode);
    }
    if (exitCode != 0) {
      throw new FailedApplicationException(said.toString().strip());
    }
  }
}
