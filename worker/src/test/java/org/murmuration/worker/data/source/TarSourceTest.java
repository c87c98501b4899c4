package org.murmuration.worker.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.Samples.Read;

class TarSourceTest {
  private static final int LIMIT = 1_000;

  @TempDir private Path folder;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(content, UTF_8.name());

  @Test
  void takesFilesOfOneNameForOneSampleInAnyOrder() throws IOException {
    file("0001.jpg", "one");
    file("0001.cls", "7\n");
    file("0001.json", "{}");
    file("0002.txt", "two words");
    file("0002.PNG", "two");
    shard("a.tar");

    assertThat(Samples.read(source(), folder))
        .containsExactly(
            new Read("a.tar/0001.jpg", "7", "one"), new Read("a.tar/0002.PNG", "two words", "two"));
    var summary = source().summarise(source().list(Split.TRAIN).pieces().get(0));
    assertThat(summary.samples()).isEqualTo(2);
    assertThat(summary.labels()).containsExactly("7", "two words");
  }

  @Test
  void takesTheFolderForTheLabelWhereThereIsNoOther() throws IOException {
    file("./train/cat/x.jpg", "cat");
    file("./train/猫/x y.jpg", "another x");
    file("./train/Cat/x.jpg", "a third");
    shard("a.tar");

    assertThat(Samples.read(source(), folder))
        .containsExactly(
            new Read("a.tar/train/cat/x.jpg", "cat", "cat"),
            new Read("a.tar/train/猫/x y.jpg", "猫", "another x"),
            new Read("a.tar/train/Cat/x.jpg", "Cat", "a third"));
  }

  @Test
  void findsTheMask() throws IOException {
    file("a.mask.png", "mask of a");
    file("a.jpg", "a");
    file("b.jpg", "b");
    file("b.seg.png", "mask of b");
    file("c.jpg", "c");
    shard("a.tar");
    List<String> masks = new ArrayList<>();

    source()
        .read(
            source().list(Split.TRAIN).pieces().get(0),
            sample ->
                masks.add(
                    sample.mask().map(mask -> new String(mask.bytes(), UTF_8)).orElse("none")));

    assertThat(masks).containsExactly("mask of a", "mask of b", "none");
  }

  @Test
  void readsCompressedShardsInTheOrderOfTheirNames() throws IOException {
    file("x.jpg", "x");
    file("x.cls", "1");
    shard("2.tar");
    compressed("1.tgz");
    compressed("3.TAR.GZ");
    Files.writeString(folder.resolve("readme.md"), "");

    assertThat(Samples.read(source(), folder))
        .extracting(Read::path)
        .containsExactly("1.tgz/x.jpg", "2.tar/x.jpg", "3.TAR.GZ/x.jpg");
    assertThat(source().list(Split.TRAIN).passedOver())
        .containsExactly("file:" + folder + "/readme.md");
  }

  @Test
  void leavesLinksAndHiddenFilesAlone() throws IOException {
    file("a.jpg", "a");
    file("._a.jpg", "what macOS adds");
    file("__MACOSX/a.jpg", "the same");
    var link = new TarArchiveEntry("b.jpg", TarConstants.LF_SYMLINK);
    link.setLinkName("/etc/passwd");
    tar.putArchiveEntry(link);
    tar.closeArchiveEntry();
    shard("a.tar");

    assertThat(Samples.read(source(), folder)).containsExactly(new Read("a.tar/a.jpg", "", "a"));
  }

  @Test
  void missesAnImageAndRefusesOneThatIsTooLarge() throws IOException {
    file("a.cls", "1");
    file("b.jpg", "x".repeat(LIMIT + 1));
    file("b.cls", "1");
    file("c.jpg", "y".repeat(LIMIT));
    shard("a.tar");

    assertThat(Samples.read(source(), folder))
        .extracting(Read::image)
        .containsExactly("MISSING", "TOO_LARGE", "y".repeat(LIMIT));
  }

  /** A file takes 1,536 bytes here: within one, between two, and after all. */
  @ParameterizedTest
  @CsvSource({"700, 5", "0, 5", "7680, 10", "8191, 10"})
  void givesWhatComesBeforeTheDamage(int bytesBeyondTheFifth, int whole) throws IOException {
    for (int i = 0; i < 10; i++) {
      file(i + ".jpg", "x".repeat(900));
    }
    shard("a.tar");
    var shard = folder.resolve("a.tar");
    Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 5 * 1_536 + bytesBeyondTheFifth));
    List<String> read = new ArrayList<>();

    assertThatThrownBy(
            () ->
                source()
                    .read(
                        source().list(Split.TRAIN).pieces().get(0),
                        sample -> read.add(sample.path())))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("a.tar is damaged or cut short");
    assertThat(read).hasSize(whole);
  }

  @Test
  void refusesWhatIsNoShard() throws IOException {
    Files.writeString(folder.resolve("a.tgz"), "no gzip");
    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("a.tgz is damaged or cut short");
    Files.delete(folder.resolve("a.tgz"));
    Files.createFile(folder.resolve("a.tar"));
    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("a.tar is damaged or cut short");
    Files.delete(folder.resolve("a.tar"));
    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("there is no file that ends with .tar or .tar.gz or .tgz");
  }

  @Test
  void seesAFlippedBitInACompressedShard() throws IOException {
    file("a.jpg", "x".repeat(900));
    tar.finish();
    compressed("a.tgz");
    var shard = folder.resolve("a.tgz");
    var bytes = Files.readAllBytes(shard);
    bytes[bytes.length - 6] ^= 1; // In the checksum.
    Files.write(shard, bytes);

    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("a.tgz is damaged or cut short");
  }

  @Test
  void anEmptyShardHasNoSample() throws IOException {
    shard("a.tar");

    assertThat(Samples.read(source(), folder)).isEmpty();
  }

  private TarSource source() {
    return new TarSource(Samples.files(folder), LIMIT);
  }

  private void file(String name, String text) throws IOException {
    var bytes = text.getBytes(UTF_8);
    var entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private void shard(String name) throws IOException {
    tar.finish();
    Files.write(folder.resolve(name), content.toByteArray());
  }

  private void compressed(String name) throws IOException {
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      gzip.write(content.toByteArray());
    }
  }
}
