package org.murmuration.worker.transport;

import io.aeron.AeronCounters;
import org.agrona.concurrent.status.CountersReader;

/** How far the media driver has sent the streams of this host. */
final class SenderPositions {
  private final CountersReader counters;

  SenderPositions(CountersReader counters) {
    this.counters = counters;
  }

  /** The position up to which a publication has left the host; the end if it never leaves it. */
  long of(long registrationId) {
    var position = new long[] {Long.MAX_VALUE};
    counters.forEach(
        (counterId, typeId, keyBuffer, label) -> {
          if (typeId == AeronCounters.DRIVER_SENDER_POSITION_TYPE_ID
              && counters.getCounterRegistrationId(counterId) == registrationId) {
            position[0] = counters.getCounterValue(counterId);
          }
        });
    return position[0];
  }
}
