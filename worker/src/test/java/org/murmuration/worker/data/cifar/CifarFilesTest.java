package org.murmuration.worker.data.cifar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

class CifarFilesTest {

  private static final List<String> TRAIN =
      List.of(
          "0: 0, 10 10",
          "1: 1, 11 11",
          "2: 0, 20 20",
          "3: 0, 30 30",
          "4: 1, 31 31",
          "5: 2, 32 32",
          "6: 0, 40 40",
          "7: 0, 50 50");

  @TempDir Path temporary;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  @BeforeEach
  void fill() {
    files.put("data_batch_1.bin", Records.batch(1, 2));
    files.put("data_batch_2.bin", Records.batch(2, 1));
    files.put("data_batch_3.bin", Records.batch(3, 3));
    files.put("data_batch_4.bin", Records.batch(4, 1));
    files.put("data_batch_5.bin", Records.batch(5, 1));
    files.put("test_batch.bin", Records.batch(6, 2));
  }

  @Test
  void shouldReadFolder() throws IOException {
    CifarFiles source = Records.source(Records.folder(temporary, files));
    assertThat(Records.read(source, Split.TRAIN)).isEqualTo(TRAIN);
    assertThat(Records.read(source, Split.TEST)).containsExactly("0: 0, 60 60", "1: 1, 61 61");
  }

  @Test
  void shouldReadFolderThatTheArchiveUnpacksTo() throws IOException {
    Records.folder(temporary.resolve("cifar-10-batches-bin"), files);
    assertThat(Records.read(Records.source(temporary), Split.TRAIN)).isEqualTo(TRAIN);
  }

  @Test
  void shouldReadArchive() throws IOException {
    Map<String, byte[]> packed = new LinkedHashMap<>();
    files.forEach((name, bytes) -> packed.put("cifar-10-batches-bin/" + name, bytes));
    CifarFiles source = Records.source(archive(packed));
    assertThat(Records.read(source, Split.TRAIN)).isEqualTo(TRAIN);
    assertThat(Records.read(source, Split.TEST)).containsExactly("0: 0, 60 60", "1: 1, 61 61");
  }

  @Test
  void shouldNumberArchiveOutOfOrderByTheNamesOfItsFiles() throws IOException {
    byte[] last = files.remove("data_batch_5.bin");
    byte[] second = Records.batch(2, 10_000);
    files.remove("data_batch_2.bin");
    files.put("data_batch_2.bin", second);
    files.put("data_batch_5.bin", last);
    List<String> read = Records.read(Records.source(archive(files)), Split.TRAIN);
    assertThat(read)
        .hasSize(10_007)
        .contains("1: 1, 11 11", "2: 0, 20 20", "10002: 0, 30 30", "10006: 0, 50 50");
    assertThat(read.get(2)).as("as the archive has it").isEqualTo("10002: 0, 30 30");
  }

  @Test
  void shouldRefuseArchiveOutOfOrderWhoseFilesHaveOtherSizes() throws IOException {
    files.put("data_batch_2.bin", files.remove("data_batch_2.bin"));
    requireRefusal(
        archive(files), Split.TRAIN, "data_batch_2.bin has 1 records", "ascending order");
  }

  @Test
  void shouldRefuseFileThatIsThereTwice() throws IOException {
    files.put("copy/data_batch_1.bin", Records.batch(1, 2));
    requireRefusal(archive(files), Split.TRAIN, "holds data_batch_1.bin twice");
  }

  @Test
  void shouldRefuseLabelAboveNineWithFileAndOffset() throws IOException {
    files.get("data_batch_3.bin")[6146] = (byte) 200;
    String message =
        "label 200 at byte 6146 of data_batch_3.bin (record 2) in file:%s: CIFAR-10 has labels 0..9";
    Path folder = Records.folder(temporary.resolve("folder"), files);
    Path archive = archive(files);
    requireRefusal(folder, Split.TRAIN, message.formatted(folder));
    requireRefusal(archive, Split.TRAIN, message.formatted(archive));
  }

  @Test
  void shouldRefuseLengthThatIsNoMultipleOfARecord() throws IOException {
    files.put("test_batch.bin", new byte[2 * 3073 + 5]);
    requireRefusal(
        Records.folder(temporary.resolve("folder"), files),
        Split.TEST,
        "test_batch.bin",
        "has 6151 bytes",
        "ends at byte 6146, 5 bytes follow");
    requireRefusal(archive(files), Split.TEST, "has 6151 bytes");
  }

  @Test
  void shouldRefuseEmptyFile() throws IOException {
    files.put("data_batch_4.bin", new byte[0]);
    requireRefusal(archive(files), Split.TRAIN, "data_batch_4.bin", "is empty");
    requireRefusal(
        Records.folder(temporary.resolve("folder"), files), Split.TRAIN, "data_batch_4.bin");
  }

  @Test
  void shouldListMissingFiles() throws IOException {
    files.remove("data_batch_2.bin");
    files.remove("data_batch_5.bin");
    Path folder = Records.folder(temporary.resolve("folder"), files);
    requireRefusal(folder, Split.TRAIN, folder + " lacks data_batch_2.bin, data_batch_5.bin;");
    requireRefusal(archive(files), Split.TRAIN, "lacks data_batch_2.bin, data_batch_5.bin;");
    requireRefusal(Files.createDirectory(temporary.resolve("empty")), Split.TEST, "test_batch.bin");
  }

  @Test
  void shouldRefusePathThatDoesNotExist() {
    requireRefusal(
        temporary.resolve("nowhere.tar.gz"),
        Split.TRAIN,
        temporary.resolve("nowhere.tar.gz") + ": the path does not exist",
        "data.path",
        "cifar10-sample");
  }

  @Test
  void shouldRefuseFileThatIsNoArchive() throws IOException {
    Path file = Files.write(temporary.resolve("data_batch_1.bin"), Records.batch(1, 2));
    requireRefusal(file, Split.TRAIN, "neither a gzip-compressed tar", "Not in GZIP format");
    Path empty = Files.createFile(temporary.resolve("empty.tar.gz"));
    requireRefusal(empty, Split.TRAIN, "neither a gzip-compressed tar", "too short");
  }

  @Test
  void shouldRefuseGzipOfSomethingElseThanATar() throws IOException {
    Path file = temporary.resolve("noise.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("not a tar at all\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
    }
    requireRefusal(file, Split.TRAIN, file.toString());
  }

  @Test
  void shouldRefuseTruncatedArchiveWhereverItEnds() throws IOException {
    byte[] whole = Files.readAllBytes(archive(files));
    for (int length : new int[] {11, 700, 8000, whole.length - 8, whole.length - 1}) {
      Path cut = temporary.resolve("cut-" + length + ".tar.gz");
      Files.write(cut, Arrays.copyOf(whole, length));
      requireRefusal(cut, Split.TRAIN, cut + " is cut short");
    }
  }

  /** In uncompressed blocks a flipped bit disturbs nothing but the checksum at the very end. */
  @Test
  void shouldRefuseFlippedBitInAPixel() throws IOException {
    Path archive = archive(files);
    byte[] bytes = Files.readAllBytes(archive);
    bytes[2000] ^= 1;
    Files.write(archive, bytes);
    requireRefusal(archive, Split.TRAIN, "is damaged", "Corrupt GZIP trailer");
  }

  @Test
  void shouldRefuseTarThatEndsEarly() throws IOException {
    Path archive = archive(files);
    Path cut = temporary.resolve("short-tar.tar.gz");
    try (var in = new GZIPInputStream(Files.newInputStream(archive));
        var out = new GZIPOutputStream(Files.newOutputStream(cut))) {
      out.write(in.readNBytes(5000));
    }
    requireRefusal(cut, Split.TRAIN, cut + " cannot be read as a tar archive");
  }

  @Test
  void shouldPassTheVisitorsFailureOn() throws IOException {
    IOException failure = new IOException("the visitor's");
    for (Path path : List.of(archive(files), Records.folder(temporary.resolve("f"), files))) {
      assertThatThrownBy(
              () ->
                  Records.source(path)
                      .read(
                          Split.TRAIN,
                          (index, label, pixels, offset) -> {
                            throw failure;
                          }))
          .isSameAs(failure);
    }
  }

  @Test
  void shouldTakeClassNamesFromTheFileOrElseTheOfficialOnes() throws IOException {
    assertThat(Records.source(archive(files)).classNames()).isEqualTo(Cifar10.CLASS_NAMES);
    files.put(
        "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".getBytes(StandardCharsets.UTF_8));
    assertThat(Records.source(archive(files)).classNames())
        .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    assertThat(Records.source(Records.folder(temporary.resolve("f"), files)).classNames())
        .startsWith("a");
  }

  @Test
  void shouldRefuseWrongNumberOfClassNames() throws IOException {
    files.put("batches.meta.txt", "a\nb\n".getBytes(StandardCharsets.UTF_8));
    Path archive = archive(files);
    assertThatExceptionOfType(BadDataException.class)
        .isThrownBy(() -> Records.source(archive).classNames())
        .withMessageContaining("batches.meta.txt")
        .withMessageContaining("2 names");
  }

  private Path archive(Map<String, byte[]> content) throws IOException {
    return Records.archive(temporary.resolve("cifar.tar.gz"), content);
  }

  private static void requireRefusal(Path path, Split split, String... parts) {
    assertThatExceptionOfType(BadDataException.class)
        .isThrownBy(() -> Records.read(Records.source(path), split))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }
}
