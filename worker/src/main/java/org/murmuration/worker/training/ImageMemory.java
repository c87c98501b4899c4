package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Feedback;
import org.murmuration.worker.data.Feedback.Scored;
import org.murmuration.worker.training.RankState.Kept;
import org.murmuration.worker.training.RankState.Sharing;

/**
 * What a rank remembers of its images from one epoch to the next, in the form that checkpoints
 * keep: the scores by which they are fed, and the losses that suspects are found by.
 */
final class ImageMemory {
  private static final String SCORES = "scores of images";
  private static final String LOSSES = "losses of images";
  private static final int SCORE_BYTES = Long.BYTES + 2 * Float.BYTES;

  private final BatchSource batches;
  private final LossLedger ledger;
  private final boolean keepsLosses;

  /**
   * @param keepsLosses whether anybody will ask for those of the ledger
   */
  ImageMemory(BatchSource batches, LossLedger ledger, boolean keepsLosses) {
    this.batches = batches;
    this.ledger = ledger;
    this.keepsLosses = keepsLosses;
  }

  /** What is remembered, beside what else the rank alone knows. */
  RankState beside(RankState other) {
    var values = new TreeMap<>(other.values());
    scored().ifPresent(feedback -> values.put(SCORES, encode(feedback.scores())));
    if (keepsLosses) {
      values.put(LOSSES, new Kept(Sharing.BY_SAMPLE, ledger.records()));
    }
    return new RankState(values);
  }

  /** Remembers what a state of this rank holds, taken at this position. */
  void restore(RankState state, Position at) {
    var underWay = at.step() > 0 ? OptionalInt.of(at.epoch()) : OptionalInt.empty();
    scored().ifPresent(feedback -> feedback.restore(underWay, decode(state.records(SCORES))));
    if (keepsLosses) {
      var own = Arrays.stream(batches.numbers()).boxed().collect(Collectors.toSet());
      ledger.restore(state.records(LOSSES), own);
    }
  }

  private Optional<Feedback> scored() {
    return batches.feedback().filter(Feedback::wantsScores);
  }

  private static Kept encode(List<Scored> scores) {
    var bytes = ByteBuffer.allocate(scores.size() * SCORE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    scores.forEach(
        scored ->
            bytes.putLong(scored.number()).putFloat(scored.latest()).putFloat(scored.ordered()));
    return new Kept(Sharing.BY_SAMPLE, bytes.flip());
  }

  private static List<Scored> decode(ByteBuffer records) {
    List<Scored> scores = new ArrayList<>();
    while (records.hasRemaining()) {
      scores.add(new Scored(records.getLong(), records.getFloat(), records.getFloat()));
    }
    return scores;
  }
}
