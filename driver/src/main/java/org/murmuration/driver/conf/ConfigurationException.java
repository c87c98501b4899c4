package org.murmuration.driver.conf;

import java.util.List;

/** The settings of a job are not usable. The message lists every problem, one per line. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** All problems found, at least one. */
  public ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
  }

  /** The problems, in the order in which they were found; at least one. */
  public List<String> problems() {
    return getMessage().lines().toList();
  }
}
