package org.murmuration.driver.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongPredicate;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.load.Parcel;
import org.murmuration.worker.data.load.SampleLoader;
import org.murmuration.worker.data.prepared.BadSample;

/** How a rank gets its samples. */
interface Delivery {
  /** What ends the training samples among those that come by Spark's shuffle. */
  byte[] END = {};

  /**
   * Hands out samples of a split as a rank keeps them; of the training split first, and of each
   * once.
   *
   * @param wanted says by its number whether a sample is this rank's
   * @return those that are bad
   */
  List<BadSample> deliver(Split split, LongPredicate wanted, SampleLoader.Sink sink)
      throws IOException;

  /** Hands out what Spark's shuffle brings, which is this rank's and of the right kind already. */
  static Delivery of(Iterator<byte[]> parcels) {
    return (split, wanted, sink) -> {
      var bad = new ArrayList<BadSample>();
      while (parcels.hasNext()) {
        var bytes = parcels.next();
        if (bytes.length == 0) {
          break;
        }
        var parcel = Parcel.of(bytes);
        parcel
            .bad()
            .ifPresentOrElse(
                bad::add, () -> sink.add(parcel.number(), parcel.label(), parcel.content()));
      }
      return bad;
    };
  }
}
