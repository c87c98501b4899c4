package org.murmuration.worker.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Protects the frames of one direction of one stream by AES-256-GCM, or by its authentication alone
 * (NIST SP 800-38D). The nonce is the frame's sequence number; the key is of this direction, stream
 * and attempt only, and a sequence number is used once under it, so a nonce never repeats.
 *
 * <p>Works on arrays: the JDK's GCM is two to four times faster on them than on buffers outside the
 * heap. Used by one thread at a time.
 */
final class FrameSeal {
  static final int TAG_LENGTH = 16;

  private static final int BITS_PER_BYTE = 8;
  private static final int NONCE_LENGTH = 12;
  private static final int NONCE_PADDING = NONCE_LENGTH - Long.BYTES;

  private final boolean encrypts;
  private final SecretKeySpec key;
  private final Cipher cipher;

  FrameSeal(byte[] key, boolean encrypts) {
    this.encrypts = encrypts;
    this.key = new SecretKeySpec(key, "AES");
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no AES-GCM, which every Java must have", e);
    }
  }

  /**
   * Seals a frame.
   *
   * @param header its first {@code headerLength} bytes are protected and stay readable
   * @param payload the payload's bytes from 0
   * @param sealed receives the payload as it goes on the wire, followed by the tag
   */
  void seal(
      byte[] header, int headerLength, byte[] payload, int length, byte[] sealed, long sequence) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(sequence));
      cipher.updateAAD(header, 0, headerLength);
      if (encrypts) {
        cipher.doFinal(payload, 0, length, sealed, 0);
      } else {
        cipher.updateAAD(payload, 0, length);
        System.arraycopy(payload, 0, sealed, 0, length);
        cipher.doFinal(sealed, length);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to seal a frame of " + length + " bytes", e);
    }
  }

  /**
   * Opens a frame.
   *
   * @param sealed the payload as it came from the wire, followed by the tag
   * @param length of the payload
   * @param payload receives the payload; holds nothing of meaning when the answer is false
   * @return whether the frame is exactly as it was sealed
   */
  boolean opens(
      byte[] header, int headerLength, byte[] sealed, int length, byte[] payload, long sequence) {
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, nonce(sequence));
      cipher.updateAAD(header, 0, headerLength);
      if (encrypts) {
        cipher.doFinal(sealed, 0, length + TAG_LENGTH, payload, 0);
      } else {
        cipher.updateAAD(sealed, 0, length);
        cipher.doFinal(sealed, length, TAG_LENGTH);
        System.arraycopy(sealed, 0, payload, 0, length);
      }
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to open a frame of " + length + " bytes", e);
    }
  }

  private static GCMParameterSpec nonce(long sequence) {
    var nonce = ByteBuffer.allocate(NONCE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    nonce.putLong(NONCE_PADDING, sequence);
    return new GCMParameterSpec(TAG_LENGTH * BITS_PER_BYTE, nonce.array());
  }
}
