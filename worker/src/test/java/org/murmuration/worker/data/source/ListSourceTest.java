package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.Samples.Read;

class ListSourceTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    Files.createDirectories(folder.resolve("images"));
    for (var name : new String[] {"a.jpg", "b, c.jpg", "d:e.jpg"}) {
      Files.writeString(folder.resolve("images/" + name), name);
    }
  }

  @Test
  void readsColumnsByTheirNamesWhateverElseThereIs() throws IOException {
    list(
        "l.csv",
        "id,label,path\n1,cat,images/a.jpg\n\n2, two words ,\"images/b, c.jpg\"\n3,7,images/d:e.jpg\n");

    assertThat(Samples.read(source("path", "label"), folder))
        .containsExactly(
            new Read("images/a.jpg", "cat", "a.jpg"),
            new Read("images/b, c.jpg", "two words", "b, c.jpg"),
            new Read("images/d:e.jpg", "7", "d:e.jpg"));
  }

  @Test
  void readsTabsAndOtherNamesOfColumnsAndAMarkOfTheByteOrder() throws IOException {
    list("l.tsv", "\uFEFFfile\tclass\r\nimages/b, c.jpg\tKatze\r\n");

    assertThat(Samples.read(source("file", "class"), folder))
        .containsExactly(new Read("images/b, c.jpg", "Katze", "b, c.jpg"));
  }

  @Test
  void takesAbsolutePathsAndUris() throws IOException {
    Files.createDirectories(folder.resolve("lists"));
    list(
        "lists/l.csv",
        "path,label\n%s/images/a.jpg,x\nfile:%s/images/d:e.jpg,y\n../images/a.jpg,z\n"
            .formatted(folder, folder));

    assertThat(Samples.read(source("path", "label"), folder))
        .extracting(Read::image)
        .containsExactly("a.jpg", "d:e.jpg", "a.jpg");
  }

  @Test
  void readsParquet() throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message m { required binary path (STRING); required int32 label; required double x; }");
    try (var writer =
        ExampleParquetWriter.builder(
                new org.apache.hadoop.fs.Path("file:" + folder.resolve("l.parquet")))
            .withType(schema)
            .build()) {
      for (var name : List.of("images/a.jpg", "images/d:e.jpg", "images/none.jpg")) {
        writer.write(
            new SimpleGroup(schema).append("path", name).append("label", 7).append("x", 1.0));
      }
    }

    assertThat(Samples.read(source("path", "label"), folder))
        .containsExactly(
            new Read("images/a.jpg", "7", "a.jpg"),
            new Read("images/d:e.jpg", "7", "d:e.jpg"),
            new Read("images/none.jpg", "7", "MISSING"));
    assertThatThrownBy(() -> source("file", "label").list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("l.parquet has no column file, but path, label, x");
  }

  @Test
  void missesWhatIsNotThereOnlyWhenItIsRead() throws IOException {
    list("l.csv", "path,label\nimages/none.jpg,x\nnowhere/a.jpg,y\nimages/a.jpg,z\n");

    assertThat(Samples.read(source("path", "label"), folder))
        .extracting(Read::image)
        .containsExactly("MISSING", "MISSING", "a.jpg");
  }

  @Test
  void refusesWhatIsNoSuchList() throws IOException {
    list("l.csv", "file,label\nimages/a.jpg,x\n");
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("l.csv has no column path in its first line, but file, label");

    list("l.csv", "path,label\nimages/b, c.jpg,x\n");
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("has 3 columns in line 2 and 2 in its first");

    list("l.csv", "path,label\n\"images/a.jpg,x\n");
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("l.csv can't be read as a list");

    list("l.csv", "path,label\n,x\n");
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("l.csv has a row without a path in the column path");

    list("l.csv", "path,label\n");
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .hasMessageContaining("lists no image");

    Files.delete(folder.resolve("l.csv"));
    assertThatThrownBy(() -> source("path", "label").list(Split.TRAIN))
        .hasMessageContaining(
            "there is no file that ends with .csv or .tsv or .parquet at data.path");
  }

  private ListSource source(String path, String label) {
    return new ListSource(Samples.files(folder), path, label);
  }

  private void list(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
