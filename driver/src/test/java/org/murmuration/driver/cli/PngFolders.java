package org.murmuration.driver.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;

/** Real images as PNG files in a folder for each class. */
final class PngFolders {
  private PngFolders() {}

  /** Writes so many of each class of the embedded sample. */
  static void write(Path images, int perClass) throws IOException {
    var names = CifarFiles.sample().classNames();
    var counts = new int[names.size()];
    CifarFiles.sample()
        .read(
            Split.TRAIN,
            (index, label, pixels, offset) -> {
              if (counts[label] < perClass) {
                PngImages.write(
                    images.resolve("%s/%d.png".formatted(names.get(label), counts[label]++)),
                    pixels,
                    offset);
              }
            });
  }

  /** A command on the images of {@code folder} that writes to another folder in it. */
  static String[] command(String command, Path folder, String out, String... more) {
    return Stream.concat(
            Stream.of(
                command,
                "--set",
                "data.source=folder",
                "--set",
                "data.path=" + folder.resolve("images"),
                "--set",
                "data.image.width=32",
                "--set",
                "data.image.height=32",
                "--out",
                folder.resolve(out).toString()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }
}
