package org.murmuration.worker.accel.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Keeps primitives' memory where the regions are. */
final class Bindings {
  private final Map<Region, List<Recorder.Binding>> byRegion;
  private final Map<Region, Long> boundAt = new HashMap<>();

  Bindings(List<Recorder.Binding> bindings) {
    byRegion = bindings.stream().collect(Collectors.groupingBy(b -> b.tensor().storage().region()));
  }

  /** Goes where the regions that moved are now. */
  void follow() {
    byRegion.forEach(
        (region, bindings) -> {
          var address = region.address();
          if (!Long.valueOf(address).equals(boundAt.put(region, address))) {
            bindings.forEach(b -> b.memory().moveTo(b.tensor().address()));
          }
        });
  }
}
