package org.murmuration.worker.data.source;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.murmuration.worker.data.BadDataException;

/**
 * The classes of a data set, numbered from 0. Where all labels are numbers, each is its own number.
 * Else they are numbered in the order of their characters, so the same labels give the same numbers
 * wherever and in whatever order they are found.
 */
public final class LabelMap implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Numbers beyond are names, not indices. */
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,4}");

  /** As many classes as a message names. */
  private static final int SHOWN = 10;

  private final List<String> names;
  private final Map<String, Integer> indices;

  private LabelMap(List<String> names) {
    this.names = List.copyOf(names);
    this.indices = new HashMap<>();
    IntStream.range(0, names.size()).forEach(index -> indices.put(names.get(index), index));
  }

  /** The classes for the labels that occur. */
  public static LabelMap ofLabels(Collection<String> labels) {
    if (!labels.isEmpty() && labels.stream().allMatch(label -> NUMBER.matcher(label).matches())) {
      var largest = labels.stream().mapToInt(Integer::parseInt).max().orElseThrow();
      return new LabelMap(IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList());
    }
    return new LabelMap(List.copyOf(new TreeSet<>(labels)));
  }

  /** Classes that are stated, in their order. */
  public static LabelMap ofNames(List<String> names) {
    return new LabelMap(names);
  }

  /** The names of the classes, by number. */
  public List<String> names() {
    return names;
  }

  /** How many classes there are. */
  public int size() {
    return names.size();
  }

  /**
   * The number of a label.
   *
   * @throws BadDataException when it is none of the classes
   */
  public int index(String label) throws BadDataException {
    var index = indices.get(label);
    if (index == null) {
      throw new BadDataException(
          "the label \"%s\" is none of the %d classes (%s%s): correct the label, or state all classes in data.classes"
              .formatted(
                  label,
                  names.size(),
                  String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))),
                  names.size() > SHOWN ? ", ..." : ""));
    }
    return index;
  }
}
