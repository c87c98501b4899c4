package org.murmuration.worker.data.image;

import java.io.IOException;

/** An image that can't be used. The message says what is wrong with it, without its name. */
public final class UndecodableImageException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What can be wrong with an image. */
  public enum Reason {
    /** None of the formats that are known. */
    UNKNOWN_FORMAT,
    /** A known format, but a kind of it that nothing here decodes. */
    UNSUPPORTED,
    /** Beyond one of the {@link ImageLimits}. */
    TOO_LARGE,
    /** The file ends too early. */
    TRUNCATED,
    /** The file contradicts its format. */
    CORRUPT,
    /** There is no image: its file, its column or its mask is missing. */
    MISSING,
    /** There is a file, but it may not be read. */
    UNREADABLE
  }

  private final Reason reason;

  /**
   * @param message what is wrong, as it follows the name of the image
   */
  public UndecodableImageException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * @param message what is wrong, as it follows the name of the image
   * @param cause what found it out, or null
   */
  public UndecodableImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Which kind of trouble it is. */
  public Reason reason() {
    return reason;
  }
}
