package org.murmuration.worker.data.cifar;

import static org.murmuration.worker.data.cifar.Cifar10.OFFICIAL_RECORDS;

import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.worker.data.BadDataException;

/**
 * Numbers the records of a split in the order of the batches' numbers, whatever the order in which
 * the files come: an archive need not hold them in ascending order.
 *
 * <p>A file that comes before one with a lower number is placed as if the missing one had the
 * official 10,000 records. When that one turns out otherwise, it is refused.
 */
final class RecordNumbering {

  private final List<String> names;
  private final String place;
  private final String archive;
  private final long[] records;
  private final boolean[] assumed;

  /**
   * Nothing seen yet.
   *
   * @param names the files of the split in the order of their records
   * @param place where they are kept, for messages
   * @param archive where they come from, for messages
   */
  RecordNumbering(List<String> names, String place, String archive) {
    this.names = names;
    this.place = place;
    this.archive = archive;
    this.records = new long[names.size()];
    this.assumed = new boolean[names.size()];
  }

  /**
   * The global index of the file's first record.
   *
   * @throws BadDataException when the file has come before, or comes too late to be numbered
   */
  long place(String name, long count) throws BadDataException {
    int file = names.indexOf(name);
    if (records[file] > 0) {
      throw new BadDataException("%s holds %s twice; pack it anew".formatted(place, name));
    }
    if (assumed[file] && count != OFFICIAL_RECORDS) {
      throw new BadDataException(
          "%s has %d records and follows a batch of a higher number in %s: files out of order can only be numbered when each has the official %d records; pack the files in ascending order"
              .formatted(name, count, place, OFFICIAL_RECORDS));
    }
    records[file] = count;
    long first = 0;
    for (int before = 0; before < file; before++) {
      assumed[before] |= records[before] == 0;
      first += assumed[before] ? OFFICIAL_RECORDS : records[before];
    }
    return first;
  }

  /**
   * Checks that all files have come.
   *
   * @throws BadDataException naming those that have not
   */
  void requireAll() throws BadDataException {
    List<String> missing =
        IntStream.range(0, records.length)
            .filter(file -> records[file] == 0)
            .mapToObj(names::get)
            .toList();
    if (!missing.isEmpty()) {
      throw new BadDataException(
          "%s lacks %s; the data set is the content of %s"
              .formatted(place, String.join(", ", missing), archive));
    }
  }
}
