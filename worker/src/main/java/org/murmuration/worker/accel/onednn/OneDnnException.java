package org.murmuration.worker.accel.onednn;

/** oneDNN refused a call. */
public final class OneDnnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** oneDNN has no implementation of what was asked for. */
  private static final int UNIMPLEMENTED = 3;

  private final int status;

  OneDnnException(String what, int status) {
    super("oneDNN: %s gave status %d (%s)".formatted(what, status, meaning(status)));
    this.status = status;
  }

  /** Whether oneDNN can't do this at all, as opposed to having been called wrongly. */
  public boolean isUnimplemented() {
    return status == UNIMPLEMENTED;
  }

  /** The names of dnnl_status_t. */
  private static String meaning(int status) {
    return switch (status) {
      case 1 -> "out of memory";
      case 2 -> "invalid arguments";
      case UNIMPLEMENTED -> "not implemented";
      case 4 -> "last implementation reached";
      case 5 -> "runtime error";
      case 6 -> "not required";
      default -> "unknown";
    };
  }
}
