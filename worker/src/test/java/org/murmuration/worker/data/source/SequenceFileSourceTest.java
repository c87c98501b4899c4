package org.murmuration.worker.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.SequenceFile.CompressionType;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.Samples.Read;

class SequenceFileSourceTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void takesTheLastFolderOfAKeyForTheLabel(CompressionType compression) throws IOException {
    write(
        compression,
        new Writable[] {new Text("train/cat/a b.jpg"), image("a")},
        new Writable[] {new Text("猫/b.jpg"), image("b")},
        new Writable[] {new Text("c.jpg"), image("")});

    assertThat(Samples.read(source(), folder))
        .containsExactly(
            new Read("part-0/train/cat/a b.jpg", "cat", "a"),
            new Read("part-0/猫/b.jpg", "猫", "b"),
            new Read("part-0/c.jpg", "", ""));
    var summary = source().summarise(source().list(Split.TRAIN).pieces().get(0));
    assertThat(summary.samples()).isEqualTo(3);
    assertThat(summary.labels()).containsExactly("cat", "猫");
  }

  @Test
  void takesANumberForTheLabel() throws IOException {
    write(
        CompressionType.NONE,
        new Writable[] {new IntWritable(3), image("a")},
        new Writable[] {new IntWritable(0), image("b")});

    assertThat(Samples.read(source(), folder))
        .containsExactly(new Read("part-0#0", "3", "a"), new Read("part-0#1", "0", "b"));
  }

  @Test
  void refusesOtherClassesAndOtherFiles() throws IOException {
    write(CompressionType.NONE, new Writable[] {new Text("a"), new Text("b")});
    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(
            "keys of org.apache.hadoop.io.Text and values of org.apache.hadoop.io.Text");

    Files.writeString(folder.resolve("part-0"), "something else");
    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("part-0 can't be read as a SequenceFile");
  }

  @Test
  void refusesAFileThatEndsWithinARecord() throws IOException {
    write(
        CompressionType.NONE,
        new Writable[] {new IntWritable(3), image("a")},
        new Writable[] {new IntWritable(3), image("b".repeat(500))});
    var file = folder.resolve("part-0");
    var bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));

    assertThatThrownBy(() -> Samples.read(source(), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("part-0 is cut short");
  }

  private SequenceFileSource source() {
    return new SequenceFileSource(Samples.files(folder));
  }

  private static BytesWritable image(String content) {
    return new BytesWritable(content.getBytes(UTF_8));
  }

  private void write(CompressionType compression, Writable[]... records) throws IOException {
    try (var writer =
        SequenceFile.createWriter(
            new Configuration(false),
            SequenceFile.Writer.file(
                new org.apache.hadoop.fs.Path("file:" + folder.resolve("part-0"))),
            SequenceFile.Writer.keyClass(records[0][0].getClass()),
            SequenceFile.Writer.valueClass(records[0][1].getClass()),
            SequenceFile.Writer.compression(compression))) {
      for (var record : records) {
        writer.append(record[0], record[1]);
      }
    }
    Files.deleteIfExists(folder.resolve(".part-0.crc"));
  }
}
