package org.murmuration.worker.transport;

/** What a frame that crosses a network is protected by; the setting {@code averaging.security}. */
public enum Security {
  /** Frames carry job, attempt, sender and sequence number, and nothing that proves them. */
  NONE,

  /** A message authentication code over header and payload: AES-256-GMAC (NIST SP 800-38D). */
  AUTHENTICATE,

  /** The payload is unreadable too: AES-256-GCM (NIST SP 800-38D). */
  ENCRYPT
}
