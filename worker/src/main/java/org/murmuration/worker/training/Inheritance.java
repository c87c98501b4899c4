package org.murmuration.worker.training;

import java.util.Optional;
import org.murmuration.worker.training.RankState.Sharing;

/**
 * What a rank goes on with of what ranks of perhaps another number knew: rank r of M takes the
 * place of the ranks k of N with k mod M = r. So nothing is lost with fewer ranks; with more, those
 * that take nobody's place start with what rank r mod N took for granted, and owe nothing.
 */
final class Inheritance {
  private final int rank;
  private final int worldSize;
  private int before;
  private int heirOf;
  private Optional<RankState> found = Optional.empty();

  /** Of a rank that goes on. */
  Inheritance(int rank, int worldSize) {
    this.rank = rank;
    this.worldSize = worldSize;
  }

  /** Of nobody, who wants nothing: what everybody knows is read, and all of it verified. */
  static Inheritance ofNobody() {
    return new Inheritance(0, 0);
  }

  /** Says how many ranks there were; called before {@link #wants}. */
  void ofRanks(int count) {
    before = count;
  }

  /** Whether a rank's state is needed. */
  boolean wants(int of) {
    return worldSize > 0 && (before != worldSize || of == rank);
  }

  /** Takes a state that is wanted; the states come in the order of their ranks. */
  void take(int of, RankState state) {
    if (before == worldSize) {
      found = Optional.of(state);
      return;
    }
    add(state.only(Sharing.BY_SAMPLE));
    if (of % worldSize == rank) {
      heirOf++;
      add(state.only(Sharing.ADDED));
      add(state.only(Sharing.MEAN));
    } else if (rank >= before && of == rank % before) {
      add(state.only(Sharing.ADDED).times(Sharing.ADDED, 0));
      add(state.only(Sharing.MEAN));
    }
  }

  private void add(RankState state) {
    found = Optional.of(found.map(mine -> mine.and(state)).orElse(state));
  }

  /** What was found; empty when ranks kept nothing. */
  Optional<RankState> state() {
    return heirOf > 1 ? found.map(sum -> sum.times(Sharing.MEAN, 1f / heirOf)) : found;
  }
}
