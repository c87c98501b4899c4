package org.murmuration.worker.data.source;

import java.util.List;

/**
 * What a source found in its place.
 *
 * @param pieces in the order of their paths
 * @param classes the names of all classes where the place itself tells them, such as the folders of
 *     classes, even of those without a sample; else empty
 * @param passedOver files that belong to no class or to no image, for the person who wonders where
 *     they went
 */
public record Listing(List<Piece> pieces, List<String> classes, List<String> passedOver) {

  /** Copies the lists. */
  public Listing {
    pieces = List.copyOf(pieces);
    classes = List.copyOf(classes);
    passedOver = List.copyOf(passedOver);
  }
}
