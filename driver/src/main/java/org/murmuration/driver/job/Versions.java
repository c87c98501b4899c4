package org.murmuration.driver.job;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.package$;

/** The versions that a run was made with. */
public final class Versions {
  private static final String RESOURCE = "/org/murmuration/driver/versions.properties";

  private Versions() {}

  /** What the build was made of. */
  public static Properties build() throws IOException {
    var versions = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(RESOURCE)) {
      versions.load(in);
    }
    return versions;
  }

  /** Of the Murmuration and the Spark of this process, in words. */
  static String own() throws IOException {
    return "Murmuration %s on Spark %s"
        .formatted(build().getProperty("murmuration"), package$.MODULE$.SPARK_VERSION());
  }

  /**
   * What runs.
   *
   * @param spark the version of the cluster's Spark
   */
  static Map<String, String> all(String spark) throws IOException {
    var build = build();
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("murmuration", build.getProperty("murmuration"));
    versions.put("spark", spark);
    versions.put("dl4j", build.getProperty("dl4j"));
    versions.put("aeron", build.getProperty("aeron"));
    versions.put("java", Runtime.version().toString());
    return versions;
  }
}
