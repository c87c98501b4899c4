package org.murmuration.driver.conf;

/** Reads keys of which some are only read when others have certain values. */
final class KeyReader {
  private final Section job;
  private final JobSettings settings;

  KeyReader(Section job, JobSettings settings) {
    this.job = job;
    this.settings = settings;
  }

  /**
   * Reads a key, or gives its default if the value of another key makes that nothing reads it; to
   * state it all the same is refused.
   */
  <T> T readIf(boolean used, String key, String decidedBy, ValueType<T> type) {
    if (used || !job.isSound(decidedBy)) {
      return job.read(key, type);
    }
    settings.refuseIfStated(key, decidedBy);
    return type.read(settings.standard(key)).value().orElseThrow();
  }
}
