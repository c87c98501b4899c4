package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.util.List;

/**
 * What became of a chunk; lies beside its table.
 *
 * @param chunk what was prepared
 * @param rows samples that were prepared
 * @param bad samples that weren't
 */
public record ChunkReport(Chunk chunk, long rows, List<BadSample> bad) implements Serializable {

  /** Copies the list. */
  public ChunkReport {
    bad = List.copyOf(bad);
  }

  /** All samples. */
  public long samples() {
    return rows + bad.size();
  }
}
