package org.murmuration.driver.conf;

import static org.murmuration.driver.conf.ValueTypes.list;
import static org.murmuration.driver.conf.ValueTypes.oneOf;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads a list of things of several types. Each type reads its own keys, and any other key is
 * refused.
 *
 * @param <T> of the things
 * @param what one of them is called
 * @param example of one
 * @param types how each type is read
 * @param problems receives what is wrong
 */
record TypedList<T>(
    String what, String example, SortedMap<String, Function<Section, T>> types, Problems problems) {
  private static final String TYPE = "type";

  /** Reads the things that a key of the section lists. */
  List<T> read(Section section, String key) {
    List<T> things = new ArrayList<>();
    List<Map<String, Object>> effective = new ArrayList<>();
    List<ConfigValue> elements = section.read(key, list());
    for (int i = 0; i < elements.size(); i++) {
      String place = "%s[%d]".formatted(key, i);
      if (elements.get(i) instanceof ConfigObject object) {
        Section thing = new Section(place + ".", Settings.of(object), problems);
        readOne(thing, place, object).ifPresent(things::add);
        effective.add(thing.effective());
      } else {
        String origin = Origins.describe(elements.get(i).origin());
        problems.wrongType(
            place, origin, elements.get(i), "a %s such as %s".formatted(what, example));
      }
    }
    section.expand(key, effective);
    return List.copyOf(things);
  }

  private Optional<T> readOne(Section thing, String place, ConfigObject object) {
    Function<Section, T> type = thing.read(TYPE, oneOf(types));
    if (!thing.isSound(TYPE)) {
      return Optional.empty();
    }
    T read = type.apply(thing);
    for (String name : new TreeSet<>(object.keySet())) {
      if (!thing.asked().contains(name)) {
        refuseUnknown(thing, place, name);
      }
    }
    return Optional.of(read);
  }

  private void refuseUnknown(Section thing, String place, String name) {
    problems.add(
        "unknown key %s.%s in %s: a %s of type %s reads %s%s"
            .formatted(
                place,
                name,
                thing.origin(name),
                what,
                thing.effective().get(TYPE),
                String.join(", ", thing.asked()),
                KeySuggestion.hint(name, thing.asked())));
  }
}
