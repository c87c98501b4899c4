package org.murmuration.worker.collective;

import java.util.List;

/**
 * Some ranks in an order, as one of them sees it.
 *
 * @param ranks the members
 * @param position this rank's place among them
 */
record Group(List<Integer> ranks, int position) {

  /** The group as a member sees it. */
  static Group of(List<Integer> ranks, int member) {
    var position = ranks.indexOf(member);
    if (position < 0) {
      throw new IllegalArgumentException("rank " + member + " is not one of " + ranks);
    }
    return new Group(List.copyOf(ranks), position);
  }

  int size() {
    return ranks.size();
  }

  /** The rank at a place, counted around. */
  int rankAt(int place) {
    return ranks.get(Math.floorMod(place, ranks.size()));
  }

  /** The rank after this one, around. */
  int next() {
    return rankAt(position + 1);
  }

  /** The rank before this one, around. */
  int previous() {
    return rankAt(position - 1);
  }
}
