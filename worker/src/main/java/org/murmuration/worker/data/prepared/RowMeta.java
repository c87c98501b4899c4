package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import org.murmuration.worker.data.Split;

/**
 * A row without its image, and where it is.
 *
 * @param file the number of the file among all that hold rows
 * @param row its number in that file, from 0
 * @param path of the sample
 * @param labelName its class as the source has it; "" for none
 * @param origin where it comes from
 */
public record RowMeta(int file, long row, String path, String labelName, RowOrigin origin)
    implements Serializable {

  /**
   * Which of two samples with the same image stays: one for testing, so that no network is tested
   * on what it was trained on; else the one whose path comes first.
   */
  public static RowMeta toKeep(RowMeta a, RowMeta b) {
    boolean forTest = isForTest(a);
    if (forTest != isForTest(b)) {
      return forTest ? a : b;
    }
    return a.path.compareTo(b.path) <= 0 ? a : b;
  }

  private static boolean isForTest(RowMeta meta) {
    return meta.origin.split().equals(PartWriter.name(Split.TEST));
  }
}
