package org.murmuration.worker.data.cifar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.data.SharedData;
import org.murmuration.worker.data.Split;

/** Reads all of CIFAR-10. The digests were taken with tar, head, tail and md5sum. */
class RealCifar10Test {

  private final CifarFiles source = Records.source(SharedData.path("cifar-10-binary.tar.gz"));

  @Test
  void shouldReadTheTrainingSet() throws Exception {
    Summary summary = new Summary(Map.of(0L, "", 9_999L, "", 40_000L, "", 49_999L, ""));
    source.read(Split.TRAIN, summary);
    assertThat(summary.records).isEqualTo(50_000);
    assertThat(summary.perClass).containsOnly(5000);
    assertThat(summary.digests)
        .isEqualTo(
            Map.of(
                0L, "7498ec3214f887802a195993574a9714",
                9_999L, "1b878d8240456802f502f9aabfc1aacf",
                40_000L, "0a438dad8b75a2324da6d62ccc3cf021",
                49_999L, "45e6ae06433cfe65429ad9730f7f6a36"));
  }

  @Test
  void shouldReadTheTestSet() throws Exception {
    Summary summary = new Summary(Map.of(0L, "", 9_999L, ""));
    source.read(Split.TEST, summary);
    assertThat(summary.records).isEqualTo(10_000);
    assertThat(summary.perClass).containsOnly(1000);
    assertThat(summary.digests)
        .isEqualTo(
            Map.of(
                0L, "a91ca92df4bfe6557bac1a4dedcba7f1",
                9_999L, "71d4be39c02437b0b3bb6752321e2c78"));
  }

  @Test
  void shouldReadTheNamesOfTheClasses() throws IOException {
    assertThat(source.classNames()).isEqualTo(Cifar10.CLASS_NAMES);
  }

  /** Counts records, in total and by class, and digests chosen ones, label included. */
  private static final class Summary implements RecordVisitor {

    private final MessageDigest md5 = MessageDigest.getInstance("MD5");
    private final int[] perClass = new int[Cifar10.CLASSES];
    private final Map<Long, String> digests;
    private long records;

    Summary(Map<Long, String> chosen) throws Exception {
      digests = new TreeMap<>(chosen);
    }

    @Override
    public void record(long globalIndex, int label, byte[] pixels, int offset) {
      assertThat(globalIndex).isEqualTo(records);
      records++;
      perClass[label]++;
      if (digests.containsKey(globalIndex)) {
        md5.update((byte) label);
        md5.update(pixels, offset, 3072);
        digests.put(globalIndex, HexFormat.of().formatHex(md5.digest()));
      }
    }
  }
}
