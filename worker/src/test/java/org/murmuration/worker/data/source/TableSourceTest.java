package org.murmuration.worker.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.ql.exec.vector.BytesColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.StructColumnVector;
import org.apache.orc.OrcFile;
import org.apache.orc.TypeDescription;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.Samples.Read;

class TableSourceTest {
  private static final MessageType NAMED =
      MessageTypeParser.parseMessageType(
          """
          message m {
            optional binary path (STRING);
            optional binary image;
            optional binary label (STRING);
            required double weight;
          }""");
  private static final MessageType STRUCT =
      MessageTypeParser.parseMessageType(
          """
          message m {
            required group image {
              required binary origin (STRING);
              required int32 height;
              required int32 width;
              required int32 nChannels;
              required int32 mode;
              required binary data;
            }
            required int64 label;
          }""");

  @TempDir private Path folder;

  @Test
  void readsBytesOfImagesFromParquet() throws IOException {
    parquet(NAMED, row("a.jpg", "one", "cat"), row("猫.jpg", null, "dog"), row(null, "three", null));

    assertThat(Samples.read(source("image", "label"), folder))
        .containsExactly(
            new Read("a.jpg", "cat", "one"),
            new Read("猫.jpg", "dog", "MISSING"),
            new Read("t.parquet#2", "", "three"));
    var source = source("image", "label");
    var summary = source.summarise(source.list(Split.TRAIN).pieces().get(0));
    assertThat(summary.samples()).isEqualTo(3);
    assertThat(summary.labels()).containsExactly("cat", "dog");
  }

  @Test
  void readsTheStructOfSparksImageSourceFromParquet() throws IOException {
    // Two pixels: blue 1, green 2, red 3; and blue 4, green 5, red 6.
    parquet(STRUCT, struct(1, 2, 16, 1, 2, 3, 4, 5, 6), struct(1, 2, 0, 7, 8), struct(2, 2, 16, 9));

    var images = images(source("image", "label"));

    assertThat(images.get(0)).isEqualTo("3x1x2 [3, 6, 2, 5, 1, 4]");
    assertThat(images.get(1)).isEqualTo("1x1x2 [7, 8]");
    assertThat(images.get(2)).contains("it has 1 bytes for 2 x 2 pixels of 3 channels");
    assertThat(Samples.read(source("image", "label"), folder))
        .extracting(Read::label)
        .containsExactly("42", "42", "42");
  }

  @Test
  void readsBytesOfImagesFromOrc() throws IOException {
    var schema = TypeDescription.fromString("struct<label:int,image:binary,path:string>");
    try (var writer = orc(schema)) {
      var batch = schema.createRowBatch();
      for (var name : List.of("one", "two", "")) {
        int row = batch.size++;
        ((LongColumnVector) batch.cols[0]).vector[row] = 5;
        if (name.isEmpty()) {
          batch.cols[1].noNulls = false;
          batch.cols[1].isNull[row] = true;
        } else {
          ((BytesColumnVector) batch.cols[1]).setVal(row, name.getBytes(UTF_8));
        }
        ((BytesColumnVector) batch.cols[2]).setVal(row, (name + ".jpg").getBytes(UTF_8));
      }
      writer.addRowBatch(batch);
    }

    assertThat(Samples.read(source("image", "label"), folder))
        .containsExactly(
            new Read("one.jpg", "5", "one"),
            new Read("two.jpg", "5", "two"),
            new Read(".jpg", "5", "MISSING"));
  }

  @Test
  void readsTheStructOfSparksImageSourceFromOrc() throws IOException {
    var schema =
        TypeDescription.fromString(
            "struct<image:struct<origin:string,height:int,width:int,nChannels:int,mode:int,"
                + "data:binary>,label:string>");
    try (var writer = orc(schema)) {
      var batch = schema.createRowBatch();
      batch.size = 1;
      var image = (StructColumnVector) batch.cols[0];
      ((BytesColumnVector) image.fields[0]).setVal(0, "x".getBytes(UTF_8));
      int[] numbers = {2, 1, 3, 16};
      for (int i = 0; i < numbers.length; i++) {
        ((LongColumnVector) image.fields[i + 1]).vector[0] = numbers[i];
      }
      ((BytesColumnVector) image.fields[5]).setVal(0, new byte[] {1, 2, 3, 4, 5, 6});
      ((BytesColumnVector) batch.cols[1]).setVal(0, "two words".getBytes(UTF_8));
      writer.addRowBatch(batch);
    }

    assertThat(images(source("image", "label"))).containsExactly("3x2x1 [3, 6, 2, 5, 1, 4]");
    assertThat(Samples.read(source("image", "label"), folder))
        .extracting(Read::label)
        .containsExactly("two words");
  }

  @Test
  void refusesColumnsThatAreNotThere() throws IOException {
    parquet(NAMED, row("a.jpg", "one", "cat"));
    assertThatThrownBy(() -> Samples.read(source("picture", "label"), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("has no column picture, but path, image, label, weight");
    assertThatThrownBy(() -> Samples.read(source("image", "class"), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("has no column class, but path, image, label, weight");
    assertThatThrownBy(() -> Samples.read(source("weight", "label"), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("the column weight is required double weight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.parquet", "t.orc"})
  void refusesWhatIsNoTable(String name) throws IOException {
    Files.writeString(folder.resolve(name), "something else that is long enough to be a footer");

    assertThatThrownBy(() -> Samples.read(source("image", "label"), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(name + " can't be read as ");
  }

  private TableSource source(String image, String label) {
    return new TableSource(Samples.files(folder), new TableSource.Columns(image, label, "path"));
  }

  private static Group row(String path, String image, String label) {
    var row = new SimpleGroup(NAMED);
    if (path != null) {
      row.add("path", path);
    }
    if (image != null) {
      row.add("image", Binary.fromString(image));
    }
    if (label != null) {
      row.add("label", label);
    }
    row.add("weight", 1.0);
    return row;
  }

  private static Group struct(int height, int width, int mode, int... data) {
    var row = new SimpleGroup(STRUCT);
    var bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    row.addGroup("image")
        .append("origin", "x")
        .append("height", height)
        .append("width", width)
        .append("nChannels", 3)
        .append("mode", mode)
        .append("data", Binary.fromConstantByteArray(bytes));
    row.add("label", 42L);
    return row;
  }

  /** The images with their shapes, or why there is none. */
  private List<String> images(TableSource source) throws IOException {
    List<String> images = new ArrayList<>();
    for (var piece : source.list(Split.TRAIN).pieces()) {
      source.read(piece, sample -> images.add(described(sample)));
    }
    return images;
  }

  private static String described(RawSample sample) throws IOException {
    try {
      var bytes = sample.image().bytes();
      for (var shape :
          List.of(new ImageShape(3, 1, 2), new ImageShape(3, 2, 1), new ImageShape(1, 1, 2))) {
        if (sample.image().planes(shape).isPresent()) {
          return "%dx%dx%d %s"
              .formatted(
                  shape.channels(),
                  shape.height(),
                  shape.width(),
                  java.util.Arrays.toString(bytes));
        }
      }
      return "another shape";
    } catch (org.murmuration.worker.data.image.UndecodableImageException e) {
      return e.getMessage();
    }
  }

  private void parquet(MessageType schema, Group... rows) throws IOException {
    var path = new org.apache.hadoop.fs.Path("file:" + folder.resolve("t.parquet"));
    try (var writer = ExampleParquetWriter.builder(path).withType(schema).build()) {
      for (var row : rows) {
        writer.write(row);
      }
    }
  }

  private org.apache.orc.Writer orc(TypeDescription schema) throws IOException {
    return OrcFile.createWriter(
        new org.apache.hadoop.fs.Path("file:" + folder.resolve("t.orc")),
        OrcFile.writerOptions(new Configuration(false)).setSchema(schema));
  }
}
