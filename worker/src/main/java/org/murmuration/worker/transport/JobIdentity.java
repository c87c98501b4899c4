package org.murmuration.worker.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What tells the frames of one attempt of one job from all others.
 *
 * @param jobId a random number of the job
 * @param attempt 0 for the first attempt, then counting
 * @param secret what all keys are derived from, in hexadecimal; never printed
 */
public record JobIdentity(long jobId, int attempt, String secret) {
  private static final int SECRET_BYTES = 32;
  private static final String PRF = "HmacSHA256";

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

  /**
   * A key of 32 bytes for one purpose, of which no other purpose's key tells anything: the secret
   * is the key of a pseudo-random function, as in the expansion of HKDF (RFC 5869).
   *
   * @param purpose what the key is for
   * @param from the rank that sends
   * @param to the rank that receives
   */
  byte[] key(String purpose, int from, int to) {
    try {
      var prf = Mac.getInstance(PRF);
      prf.init(new SecretKeySpec(HexFormat.of().parseHex(secret), PRF));
      prf.update(purpose.getBytes(StandardCharsets.UTF_8));
      var context =
          ByteBuffer.allocate(Long.BYTES + 3 * Integer.BYTES)
              .putLong(jobId)
              .putInt(attempt)
              .putInt(from)
              .putInt(to);
      return prf.doFinal(context.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "this Java has no " + PRF + ", which every Java must have", e);
    }
  }

  /** Without the secret, which must not reach a log. */
  @Override
  public String toString() {
    return "job " + Long.toHexString(jobId) + " attempt " + attempt;
  }
}
