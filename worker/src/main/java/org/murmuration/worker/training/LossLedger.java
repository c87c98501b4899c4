package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.agrona.collections.Long2ObjectHashMap;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.SampleNumbers;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * What the samples of this rank have cost: networks learn what is common before they learn single
 * samples by heart (Arpit et al.: A closer look at memorization in deep networks, 2017), so samples
 * whose loss stays high over the epochs are those whose labels are wrong more often than not (Huang
 * et al.: O2U-Net, 2019). The losses are those of training itself; nothing is computed for it.
 */
final class LossLedger {
  /** The first epoch tells more of how parameters started than of the samples. */
  private static final int FIRST_EPOCH = 1;

  private static final int BINS = 4096;

  /** Losses of e^-16 to e^16 have bins of their own. */
  private static final double LOG_RANGE = 16;

  private static final int RECORD = 2 * Long.BYTES + 3 * Integer.BYTES;

  private final Long2ObjectHashMap<Entry> entries = new Long2ObjectHashMap<>();

  private static final class Entry {
    private double sum;
    private int count;
    private int label;
    private int predicted;

    double mean() {
      return sum / count;
    }
  }

  /**
   * Adds what a step found out.
   *
   * @throws TrainingException when it found out nothing, as networks that DL4J computes don't tell
   */
  void add(int epoch, MultiDataSet batch, SampleLosses found) {
    List<Long> numbers = SampleNumbers.of(batch);
    if (found.losses().length == 0 || numbers.size() != found.losses().length) {
      throw new TrainingException(
          "train.suspects goes by the loss of each image, which this network doesn't tell: only compiled classifiers do, see 'murmuration describe'");
    }
    if (epoch < FIRST_EPOCH) {
      return;
    }
    var labels = batch.getLabels(0).dup('c').data().asFloat();
    int classes = labels.length / numbers.size();
    for (int row = 0; row < numbers.size(); row++) {
      var entry = entries.computeIfAbsent(numbers.get(row).longValue(), number -> new Entry());
      entry.sum += found.losses()[row];
      entry.count++;
      entry.label = Evaluator.largest(labels, row * classes, classes);
      entry.predicted = found.predicted()[row];
    }
  }

  /** What is known, in a form that {@link #restore} takes. */
  ByteBuffer records() {
    var records = ByteBuffer.allocate(entries.size() * RECORD).order(ByteOrder.LITTLE_ENDIAN);
    entries.forEach(
        (number, entry) ->
            records
                .putLong(number)
                .putDouble(entry.sum)
                .putInt(entry.count)
                .putInt(entry.label)
                .putInt(entry.predicted));
    return records.flip();
  }

  /** Takes over what is of this rank's samples. */
  void restore(ByteBuffer records, Set<Long> own) {
    entries.clear();
    while (records.hasRemaining()) {
      var number = records.getLong();
      var entry = new Entry();
      entry.sum = records.getDouble();
      entry.count = records.getInt();
      entry.label = records.getInt();
      entry.predicted = records.getInt();
      if (own.contains(number)) {
        entries.put(number, entry);
      }
    }
  }

  /**
   * Those of this rank's samples that may be among a share of all ranks' with the highest losses;
   * all ranks must call it. Together they are that share and a few more.
   */
  List<Suspect> suspects(double share, Collective collective) {
    var all = new long[BINS];
    for (var histogram : collective.allGather(histogram())) {
      var counts = ByteBuffer.wrap(histogram).asIntBuffer();
      for (int bin = 0; bin < BINS; bin++) {
        all[bin] += counts.get(bin);
      }
    }
    int lowest = lowestBin(all, share);
    return entries.entrySet().stream()
        .filter(entry -> bin(entry.getValue().mean()) >= lowest)
        .map(
            entry ->
                new Suspect(
                    entry.getKey(),
                    entry.getValue().label,
                    entry.getValue().predicted,
                    entry.getValue().mean()))
        .toList();
  }

  private byte[] histogram() {
    var bytes = ByteBuffer.allocate(BINS * Integer.BYTES);
    var counts = bytes.asIntBuffer();
    for (var entry : entries.values()) {
      int bin = bin(entry.mean());
      counts.put(bin, counts.get(bin) + 1);
    }
    return bytes.array();
  }

  private static int lowestBin(long[] counts, double share) {
    long samples = 0;
    for (long count : counts) {
      samples += count;
    }
    long wanted = (long) Math.ceil(share * samples);
    int bin = BINS;
    for (long found = 0; bin > 0 && found < wanted; found += counts[bin]) {
      bin--;
    }
    return bin;
  }

  private static int bin(double loss) {
    double place = (Math.log(loss) + LOG_RANGE) / (2 * LOG_RANGE) * BINS;
    return (int) Math.max(0, Math.min(BINS - 1, place));
  }
}
