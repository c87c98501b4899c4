package org.murmuration.worker.transport;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What tells the frames of one attempt of one job from all others.
 *
 * @param jobId a random number of the job
 * @param attempt 0 for the first attempt, then counting
 * @param secret the key of every frame's MAC, in hexadecimal; never printed
 */
public record JobIdentity(long jobId, int attempt, String secret) {
  private static final int SECRET_BYTES = 32;

  /** An identity with a fresh secret. */
  public static JobIdentity create(long jobId, int attempt) {
    var secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new JobIdentity(jobId, attempt, HexFormat.of().formatHex(secret));
  }

  /** The same job and attempt with the secret that another rank made. */
  JobIdentity withSecret(String other) {
    return new JobIdentity(jobId, attempt, other);
  }

  byte[] key() {
    return HexFormat.of().parseHex(secret);
  }

  /** Without the secret, which must not reach a log. */
  @Override
  public String toString() {
    return "job " + Long.toHexString(jobId) + " attempt " + attempt;
  }
}
