package org.murmuration.worker.data;

import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * Feedback to an order of samples, and to what augments them.
 *
 * @param numbers of the samples in the data set, by the index that the order knows them by
 * @param strength takes the share of images to augment
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
public record OrderFeedback(EpochOrder order, long[] numbers, DoubleConsumer strength)
    implements Feedback {
  @Override
  public boolean wantsScores() {
    return order.goesByScores();
  }

  @Override
  public void record(int epoch, int step, float[] scores) {
    order.record(epoch, step, scores);
  }

  @Override
  public void augment(double share) {
    strength.accept(share);
  }

  @Override
  public List<Scored> scores() {
    var latest = order.scores();
    var ordered = order.orderedBy();
    return IntStream.range(0, numbers.length)
        .mapToObj(index -> new Scored(numbers[index], latest[index], ordered[index]))
        .toList();
  }

  @Override
  public void restore(OptionalInt epochUnderWay, List<Scored> scores) {
    var known = new HashMap<Long, Scored>();
    scores.forEach(scored -> known.put(scored.number(), scored));
    var latest = new float[numbers.length];
    var ordered = new float[numbers.length];
    for (int index = 0; index < numbers.length; index++) {
      var scored =
          known.getOrDefault(numbers[index], new Scored(numbers[index], Float.NaN, Float.NaN));
      latest[index] = scored.latest();
      ordered[index] = scored.ordered();
    }
    epochUnderWay.ifPresent(epoch -> order.begin(epoch, ordered));
    order.restore(latest);
  }
}
