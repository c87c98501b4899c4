package org.murmuration.driver.job;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.murmuration.worker.data.prepared.Chunk;
import org.murmuration.worker.data.prepared.ChunkReport;
import org.murmuration.worker.data.source.Piece;

/**
 * What is left to prepare: what neither an earlier run has finished, nor one that was stopped.
 *
 * @param done chunks of a run that was stopped, all of whose pieces are still the same
 * @param todo chunks of all other pieces
 * @param stale pieces of the finished run that have changed since or are gone
 */
record PreprocessPlan(List<ChunkReport> done, List<Chunk> todo, Set<String> stale) {
  /**
   * A task that takes less is not worth its start; of one that takes more, much is lost with it.
   */
  private static final long LEAST_CHUNK_BYTES = 16L << 20;

  private static final long MOST_CHUNK_BYTES = 64L << 20;

  /** So that executors end at about the same time. */
  private static final int CHUNKS_PER_SLOT = 4;

  /**
   * Plans.
   *
   * @param listed the pieces of each split as they are now; {@code ""} for what the source doesn't
   *     split
   * @param finished the pieces of the finished run, by the same names
   * @param reopened paths of pieces of the finished run that are to be prepared again
   * @param chunks of a run that was stopped
   * @param slots how many tasks run at a time
   */
  static PreprocessPlan of(
      SortedMap<String, List<Piece>> listed,
      Map<String, List<Piece>> finished,
      Set<String> reopened,
      List<ChunkReport> chunks,
      int slots) {
    var stale = new HashSet<String>();
    finished.values().forEach(pieces -> pieces.forEach(piece -> stale.add(piece.path())));
    var open = new TreeMap<String, List<Piece>>();
    listed.forEach(
        (split, pieces) -> {
          var known = new HashSet<>(finished.getOrDefault(split, List.of()));
          var left = new ArrayList<Piece>();
          for (var piece : pieces) {
            if (known.contains(piece) && !reopened.contains(piece.path())) {
              stale.remove(piece.path());
            } else {
              left.add(piece);
            }
          }
          open.put(split, left);
        });
    var done = new ArrayList<ChunkReport>();
    for (var report : chunks) {
      var left = open.getOrDefault(report.chunk().split(), List.of());
      if (new HashSet<>(left).containsAll(report.chunk().pieces())) {
        done.add(report);
        left.removeAll(new HashSet<>(report.chunk().pieces()));
      }
    }
    var todo = new ArrayList<Chunk>();
    long most = costPerTask(open.values().stream().flatMap(List::stream).toList(), slots);
    open.forEach((split, left) -> todo.addAll(Chunk.pack(split, left, most)));
    return new PreprocessPlan(done, todo, stale);
  }

  /** What a task over so many files should cost, in the measure of {@link Chunk#cost}. */
  static long costPerTask(List<Piece> pieces, int slots) {
    long cost = pieces.stream().mapToLong(Chunk::cost).sum();
    return Math.max(
        LEAST_CHUNK_BYTES, Math.min(MOST_CHUNK_BYTES, cost / ((long) slots * CHUNKS_PER_SLOT)));
  }

  /** Whether the finished run is all there is to be. */
  boolean changesNothing() {
    return done.isEmpty() && todo.isEmpty() && stale.isEmpty();
  }

  /** What is to do, in the measure of {@link Chunk#cost}. */
  long todoCost() {
    return todo.stream().mapToLong(Chunk::cost).sum();
  }
}
