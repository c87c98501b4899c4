package org.murmuration.driver.conf;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Finds what somebody probably meant to write. */
final class KeySuggestion {
  private static final LevenshteinDistance EDITS = LevenshteinDistance.getDefaultInstance();

  private KeySuggestion() {}

  /**
   * The known key with the fewest edits (Levenshtein 1966) to the unknown one, of several the one
   * nearest in length; empty when more than half of its characters would have to change. A key
   * under the wrong parent counts as one edit more than its last part, so {@code optimizer.epochs}
   * finds {@code train.epochs}.
   */
  static Optional<String> nearest(String unknown, Collection<String> known) {
    return known.stream()
        .filter(key -> 2 * edits(unknown, key) <= unknown.length())
        .min(
            Comparator.<String>comparingInt(key -> edits(unknown, key))
                .thenComparingInt(key -> EDITS.apply(unknown, key))
                .thenComparingInt(key -> Math.abs(unknown.length() - key.length()))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** {@code "; did you mean X?"}, or nothing. */
  static String hint(String unknown, Collection<String> known) {
    return nearest(unknown, known).map(key -> "; did you mean " + key + "?").orElse("");
  }

  private static int edits(String unknown, String known) {
    int all = EDITS.apply(unknown, known);
    int last = EDITS.apply(lastPart(unknown), lastPart(known));
    // The last part alone is short, so that half of it would match almost anything.
    boolean moved = 3 * last <= lastPart(unknown).length();
    return moved ? Math.min(all, 1 + last) : all;
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
