package org.murmuration.worker.data.cifar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.data.SharedData;
import org.murmuration.worker.data.Split;

class Cifar10SampleTest {

  @ParameterizedTest
  @CsvSource({"TRAIN, data_batch_1.bin, 250", "TEST, test_batch.bin, 50"})
  void shouldBeBalancedAndBitExact(Split split, String file, int perClass) throws IOException {
    Set<Integer> lossy = lossyRecords(file);
    Map<ByteBuffer, Integer> official = new HashMap<>();
    Records.source(SharedData.path("cifar-10-binary.tar.gz"))
        .read(
            split,
            (index, label, pixels, offset) -> {
              if (index < 10_000) {
                official.put(record(label, pixels, offset), (int) index);
              }
            });

    int[] classes = new int[Cifar10.CLASSES];
    List<Integer> positions = new ArrayList<>();
    CifarFiles.sample()
        .read(
            split,
            (index, label, pixels, offset) -> {
              assertThat(index).isEqualTo(positions.size());
              classes[label]++;
              positions.add(official.get(record(label, pixels, offset)));
            });

    assertThat(classes).containsOnly(perClass);
    assertThat(positions)
        .as("places in the official file")
        .doesNotContainNull()
        .doesNotContainAnyElementsOf(lossy)
        .doesNotHaveDuplicates()
        .isSorted();
  }

  @Test
  void shouldHaveTheOfficialNames() throws IOException {
    assertThat(CifarFiles.sample().classNames()).isEqualTo(Cifar10.CLASS_NAMES);
  }

  private static ByteBuffer record(int label, byte[] pixels, int offset) {
    return ByteBuffer.allocate(3073).put((byte) label).put(pixels, offset, 3072).flip();
  }

  /** The records of a file whose pixels in the archive come from a JPEG copy. */
  private static Set<Integer> lossyRecords(String file) throws IOException {
    Set<Integer> records = new HashSet<>();
    for (String line : Files.readAllLines(SharedData.path("cifar-10-lossy-records.tsv"))) {
      List<String> columns = List.of(line.split("\t", -1));
      if (columns.get(0).equals(file)) {
        records.add(Integer.valueOf(columns.get(1)));
      }
    }
    assertThat(records).isNotEmpty();
    return records;
  }
}
