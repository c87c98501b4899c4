package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FeedTest {
  private static final int LANE = 40;

  static List<Feed> feeds() {
    return List.of(
        new Feed.Importance(0.3), new Feed.HardExamples(0.25), new Feed.Curriculum(0.5, 4));
  }

  private static float[] scores() {
    var random = new SplittableRandom(5);
    var scores = new float[LANE];
    for (int i = 0; i < LANE; i++) {
      scores[i] = (float) Math.exp(3 * random.nextGaussian());
    }
    return scores;
  }

  @ParameterizedTest
  @MethodSource("feeds")
  void shouldFeedEveryImageOnceWhileNothingIsKnown(Feed feed) {
    var unknown = new float[LANE];
    Arrays.fill(unknown, Float.NaN);

    var choice = feed.choose(0, unknown, new SplittableRandom(1));

    assertThat(choice.positions()).containsExactlyInAnyOrder(IntStream.range(0, LANE).toArray());
    assertThat(choice.weights()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("feeds")
  void shouldChooseTheSameFromTheSameSeed(Feed feed) {
    var one = feed.choose(2, scores(), new SplittableRandom(1));
    var again = feed.choose(2, scores(), new SplittableRandom(1));
    var other = feed.choose(2, scores(), new SplittableRandom(2));

    assertThat(again.positions()).isEqualTo(one.positions()).hasSize(LANE);
    assertThat(again.weights()).isEqualTo(one.weights());
    assertThat(other.positions()).isNotEqualTo(one.positions());
  }

  /** The mean of weighed draws is the plain mean, whatever is summed: here x = i squared. */
  @Test
  void shouldDrawWithoutBias() {
    var feed = new Feed.Importance(0.3);
    var scores = scores();
    int runs = 20_000;
    double sum = 0;
    double truth = 0;
    var drawn = new int[LANE];
    for (int i = 0; i < LANE; i++) {
      truth += (double) i * i;
    }
    for (int run = 0; run < runs; run++) {
      var choice = feed.choose(1, scores, new SplittableRandom(run));
      for (int k = 0; k < LANE; k++) {
        int i = choice.positions()[k];
        sum += choice.weights()[k] * i * i;
        drawn[i]++;
      }
    }

    assertThat(sum / runs).isCloseTo(truth, within(0.01 * truth));
    double total = 0;
    for (float score : scores) {
      total += score;
    }
    for (int i = 0; i < LANE; i++) {
      double expected = LANE * (0.7 * scores[i] / total + 0.3 / LANE);
      assertThat((double) drawn[i] / runs).isCloseTo(expected, within(0.02 * expected + 0.01));
    }
  }

  @Test
  void shouldBoundTheWeights() {
    var choice = new Feed.Importance(0.3).choose(1, scores(), new SplittableRandom(4));

    for (float weight : choice.weights()) {
      assertThat(weight).isPositive().isLessThanOrEqualTo(1 / 0.3f + 1e-5f);
    }
  }

  @Test
  void shouldFeedTheHardestTwiceInPlaceOfTheEasiest() {
    var ascending = new float[] {3, 0, 9, 1, 7, 2, 8, 5};

    var choice = new Feed.HardExamples(0.25).choose(3, ascending, new SplittableRandom(1));

    assertThat(choice.positions()).containsExactlyInAnyOrder(0, 2, 2, 4, 5, 6, 6, 7);
  }

  @Test
  void shouldFeedEasyImagesFirst() {
    var scores = new float[] {3, 0, 9, 1, 7, 2, 8, 5};
    var feed = new Feed.Curriculum(0.5, 4);

    assertThat(feed.choose(1, scores, new SplittableRandom(1)).positions())
        .containsExactlyInAnyOrder(1, 1, 3, 3, 5, 5, 0, 0);
    assertThat(feed.choose(3, scores, new SplittableRandom(1)).positions()).doesNotContain(2, 6);
    assertThat(feed.choose(5, scores, new SplittableRandom(1)).positions())
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
  }

  /** Three ranks together feed what one feeds: scores are those of images, wherever they are. */
  @ParameterizedTest
  @MethodSource("feeds")
  void shouldFeedTheSameOnAnyNumberOfRanks(Feed feed) {
    var one = order(feed, 0, 1);
    var several = List.of(order(feed, 0, 3), order(feed, 1, 3), order(feed, 2, 3));
    for (int epoch = 0; epoch < 4; epoch++) {
      for (int step = 0; step < one.steps(); step++) {
        Set<String> expected = fed(one, epoch, step);
        Set<String> all = new TreeSet<>();
        for (var order : several) {
          all.addAll(fed(order, epoch, step));
        }
        assertThat(all).isEqualTo(expected).hasSize(one.count(step));
      }
      tell(one, epoch);
      for (var order : several) {
        tell(order, epoch);
      }
    }
  }

  /** Seven lanes; an image's local index is its global one, which a store allows to have gaps. */
  private static EpochOrder order(Feed feed, int rank, int worldSize) {
    var order = new EpochOrder(6, 7, rank, worldSize, feed);
    for (int image = 0; image < 150; image++) {
      if (order.owns(image)) {
        order.add(image, image);
      }
    }
    return order;
  }

  /** What a step has, with weights. Lanes are told apart by their images. */
  private static Set<String> fed(EpochOrder order, int epoch, int step) {
    int[] images = order.localIndices(epoch, step);
    float[] weights = order.weights(epoch, step);
    Set<String> fed = new TreeSet<>();
    for (int i = 0; i < images.length; i++) {
      fed.add(images[i] + (weights.length == 0 ? "" : " weighs " + weights[i]));
    }
    return fed;
  }

  /** The score of an image depends on the image and the epoch. */
  private static void tell(EpochOrder order, int epoch) {
    for (int step = 0; step < order.steps(); step++) {
      int[] images = order.localIndices(epoch, step);
      var scores = new float[images.length];
      for (int i = 0; i < images.length; i++) {
        scores[i] = 1 + (images[i] * 31 + epoch * 17) % 23;
      }
      order.record(epoch, step, scores);
    }
  }

  @Test
  void shouldGoOnFromKeptScores() {
    var feed = new Feed.Importance(0.3);
    var whole = order(feed, 1, 2);
    tell(whole, 0);
    var resumed = order(feed, 1, 2);
    resumed.restore(whole.scores());

    for (int step = 0; step < whole.steps(); step++) {
      assertThat(resumed.localIndices(1, step)).isEqualTo(whole.localIndices(1, step));
      assertThat(resumed.weights(1, step)).isEqualTo(whole.weights(1, step)).isNotEmpty();
    }
  }

  /** In the middle of an epoch its order goes by older scores than the next one's will. */
  @Test
  void shouldGoOnInTheMiddleOfAnEpoch() {
    var feed = new Feed.Importance(0.3);
    var whole = order(feed, 1, 2);
    tell(whole, 0);
    var first = whole.localIndices(1, 0);
    var scores = new float[first.length];
    Arrays.fill(scores, 99);
    whole.record(1, 0, scores);

    var resumed = order(feed, 1, 2);
    resumed.begin(1, whole.orderedBy());
    resumed.restore(whole.scores());

    for (int epoch = 1; epoch < 3; epoch++) {
      for (int step = 0; step < whole.steps(); step++) {
        assertThat(resumed.localIndices(epoch, step)).isEqualTo(whole.localIndices(epoch, step));
        assertThat(resumed.weights(epoch, step)).isEqualTo(whole.weights(epoch, step));
      }
    }
    assertThat(whole.orderedBy()).isEqualTo(whole.scores());
  }
}
