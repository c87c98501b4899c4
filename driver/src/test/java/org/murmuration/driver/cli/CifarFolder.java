package org.murmuration.driver.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.murmuration.worker.data.cifar.CifarFiles;

/** A small CIFAR-10 in the layout of the official archive, cut from the embedded sample. */
public record CifarFolder(Path path) {
  private static final int RECORD_BYTES = 1 + 3 * 32 * 32;

  /**
   * Writes one.
   *
   * @param records how many each of the six files holds
   */
  public static CifarFolder in(Path path, int records) throws IOException {
    Files.createDirectories(path);
    var training = resource("data_batch_1.bin");
    var bytes = records * RECORD_BYTES;
    for (int file = 1; file <= 5; file++) {
      Files.write(
          path.resolve("data_batch_" + file + ".bin"),
          Arrays.copyOfRange(training, (file - 1) * bytes, file * bytes));
    }
    Files.write(path.resolve("test_batch.bin"), Arrays.copyOf(resource("test_batch.bin"), bytes));
    return new CifarFolder(path);
  }

  /** Leaves two whole records and a part of the third. */
  public void cutShort(String name, int bytesOfTheThird) throws IOException {
    var file = path.resolve(name);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 2 * RECORD_BYTES + bytesOfTheThird));
  }

  private static byte[] resource(String name) throws IOException {
    try (var in = CifarFiles.class.getResourceAsStream("sample/" + name)) {
      return in.readAllBytes();
    }
  }
}
