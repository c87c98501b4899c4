package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class DataSetSourceTest {
  private static final ImageShape SHAPE = new ImageShape(3, 2, 2);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE", "UBYTE", "INT"})
  void readsPixelsOfAnyType(DataType type) throws IOException {
    var pixels = Nd4j.arange(24).muli(10).reshape(2, 3, 2, 2).castTo(type);
    new DataSet(pixels, oneHot(2, 0)).save(file("a.bin"));

    var samples = samples();

    assertThat(samples)
        .containsExactly(
            "2 [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]",
            "0 [120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230]");
    var summary = source().summarise(source().list(Split.TRAIN).pieces().get(0));
    assertThat(summary.samples()).isEqualTo(2);
    assertThat(summary.labels()).containsExactly("0", "2");
  }

  @Test
  void readsMultiDataSets() throws IOException {
    new MultiDataSet(Nd4j.ones(1, 3, 2, 2), oneHot(1)).save(file("multi-1.bin"));

    assertThat(samples()).containsExactly("1 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]");
  }

  @Test
  void refusesWhatIsNoImageWithOneClass() throws IOException {
    new DataSet(Nd4j.ones(1, 3, 2, 2).muli(0.5), oneHot(1)).save(file("a.bin"));
    refused("sample 0 has the value 0.5, and pixels are whole numbers from 0 to 255");
    new DataSet(Nd4j.ones(1, 3, 2, 2).muli(256), oneHot(1)).save(file("a.bin"));
    refused("sample 0 has the value 256.0");
    new DataSet(Nd4j.ones(1, 12), oneHot(1)).save(file("a.bin"));
    refused("they must be images [n, 1 or 3 channels, height, width]");
    new DataSet(Nd4j.ones(1, 3, 2, 2), Nd4j.ones(1, 3)).save(file("a.bin"));
    refused("the labels of sample 0 aren't one 1 among zeros");
    new DataSet(Nd4j.ones(1, 3, 2, 2), Nd4j.zeros(1, 3)).save(file("a.bin"));
    refused("the labels of sample 0 aren't one 1 among zeros");
    new DataSet(Nd4j.ones(1, 3, 2, 2), null).save(file("a.bin"));
    refused("has labels of shape none");
    Files.writeString(folder.resolve("a.bin"), "something else");
    refused("a.bin can't be read as a DataSet");
  }

  private void refused(String message) {
    assertThatThrownBy(this::samples)
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(message);
  }

  private DataSetSource source() {
    return new DataSetSource(Samples.files(folder));
  }

  private List<String> samples() throws IOException {
    List<String> samples = new ArrayList<>();
    for (var piece : source().list(Split.TRAIN).pieces()) {
      source()
          .read(
              piece,
              sample -> {
                var levels = new ArrayList<Integer>();
                for (byte level : sample.image().planes(SHAPE).orElseThrow()) {
                  levels.add(Byte.toUnsignedInt(level));
                }
                samples.add(sample.label() + " " + levels);
              });
    }
    return samples;
  }

  private File file(String name) {
    return folder.resolve(name).toFile();
  }

  private static INDArray oneHot(int... labels) {
    var array = Nd4j.zeros(labels.length, 3);
    for (int row = 0; row < labels.length; row++) {
      array.putScalar(row, labels[row], 1);
    }
    return array;
  }
}
