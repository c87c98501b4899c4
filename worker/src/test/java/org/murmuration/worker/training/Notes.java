package org.murmuration.worker.training;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Notes what it is told; {@code onStep} gets the number of steps so far. */
record Notes(List<String> events, List<EpochReport> epochs, Consumer<Integer> onStep)
    implements TrainingListener {
  static Notes quiet() {
    return new Notes(new CopyOnWriteArrayList<>(), new ArrayList<>(), steps -> {});
  }

  @Override
  public void stepDone(int epoch, int step, int steps, double loss) {
    events.add("step %d.%d of %d".formatted(epoch, step, steps));
    onStep.accept((int) events.stream().filter(event -> event.startsWith("step")).count());
  }

  @Override
  public void epochDone(EpochReport report) {
    events.add("epoch " + report.epoch());
    epochs.add(report);
  }

  @Override
  public void checkpointDue(
      Position position, EpochTotals underWay, RankState state, boolean ends) {
    events.add("checkpoint");
  }
}
