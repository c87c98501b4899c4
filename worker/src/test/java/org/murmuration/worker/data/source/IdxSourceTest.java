package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;

class IdxSourceTest {
  private static final ImageShape SHAPE = new ImageShape(1, 2, 3);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void readsImagesWithTheirLabels(String ending) throws IOException {
    write(
        "train-images-idx3-ubyte" + ending,
        images(0x803, 2, 0, 1, 2, 3, 4, 255, 6, 7, 8, 9, 10, 11));
    write("train-labels-idx1-ubyte" + ending, labels(0x801, 2, 9, 200));
    write("t10k-images-idx3-ubyte" + ending, images(0x803, 1, 1, 1, 1, 1, 1, 1));
    write("t10k-labels-idx1-ubyte" + ending, labels(0x801, 1, 0));
    var source = new IdxSource(Samples.files(folder));

    var piece = source.list(Split.TRAIN).pieces().get(0);
    List<String> labels = new ArrayList<>();
    List<byte[]> pixels = new ArrayList<>();
    source.read(
        piece,
        sample -> {
          assertThat(sample.index()).isEqualTo(labels.size());
          labels.add(sample.label());
          pixels.add(sample.image().planes(SHAPE).orElseThrow());
        });

    assertThat(labels).containsExactly("9", "200");
    assertThat(pixels.get(0)).containsExactly(0, 1, 2, 3, 4, -1);
    assertThat(pixels.get(1)).containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(source.summarise(piece).samples()).isEqualTo(2);
    assertThat(source.summarise(piece).labels()).containsExactly("200", "9");
    var test = source.list(Split.TEST).pieces();
    assertThat(test).hasSize(1);
    assertThat(source.summarise(test.get(0)).samples()).isEqualTo(1);
  }

  @Test
  void refusesDamage() throws IOException {
    write("train-labels-idx1-ubyte", labels(0x801, 2, 9, 8));
    write("train-images-idx3-ubyte", images(0x803, 2, 0, 1, 2, 3, 4, 5, 6, 7));
    refused("train-images-idx3-ubyte is cut short");
    write("train-images-idx3-ubyte", images(0x803, 1, 0, 1, 2, 3, 4, 5));
    refused("has 1 images and file:" + folder + "/train-labels-idx1-ubyte 2 labels");
    write("train-images-idx3-ubyte", images(0x801, 2));
    refused("begins with 0x00000801, such a file with 0x00000803");
    write("train-labels-idx1-ubyte", labels(0x801, 3, 9, 8));
    refused("train-labels-idx1-ubyte is cut short");
    write("train-labels-idx1-ubyte", new byte[2]);
    refused("train-labels-idx1-ubyte is cut short");
    Files.delete(folder.resolve("train-labels-idx1-ubyte"));
    assertThatThrownBy(() -> new IdxSource(Samples.files(folder)).list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("train-images-idx3-ubyte has no labels")
        .hasMessageContaining("train-labels-idx1-ubyte is missing");
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    Files.writeString(folder.resolve("readme"), "");
    assertThatThrownBy(() -> new IdxSource(Samples.files(folder)).list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("has no file train-images-idx3-ubyte");
  }

  private void refused(String message) throws IOException {
    var source = new IdxSource(Samples.files(folder));
    var piece = source.list(Split.TRAIN).pieces().get(0);
    assertThatThrownBy(() -> source.read(piece, sample -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(message);
  }

  private void write(String name, byte[] content) throws IOException {
    var file = new ByteArrayOutputStream();
    if (name.endsWith(".gz")) {
      try (var gzip = new GZIPOutputStream(file)) {
        gzip.write(content);
      }
    } else {
      file.writeBytes(content);
    }
    Files.write(folder.resolve(name), file.toByteArray());
  }

  private static byte[] images(int magic, int count, int... pixels) throws IOException {
    return idx(pixels, magic, count, SHAPE.height(), SHAPE.width());
  }

  private static byte[] labels(int magic, int count, int... labels) throws IOException {
    return idx(labels, magic, count);
  }

  private static byte[] idx(int[] content, int... header) throws IOException {
    var file = new ByteArrayOutputStream();
    var out = new DataOutputStream(file);
    for (int number : header) {
      out.writeInt(number);
    }
    Arrays.stream(content).forEach(file::write);
    return file.toByteArray();
  }
}
