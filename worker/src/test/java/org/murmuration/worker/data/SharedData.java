package org.murmuration.worker.data;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the large data sets that lie beside the checkout, in {@code ../shared/data}. */
public final class SharedData {

  private SharedData() {}

  /**
   * A file or folder among the data.
   *
   * @throws IllegalStateException when it is not there
   */
  public static Path path(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("mvnw"))) {
      root = root.getParent();
      if (root == null) {
        throw new IllegalStateException("no folder above the working directory has mvnw");
      }
    }
    Path path = root.resolveSibling("shared").resolve("data").resolve(name);
    if (!Files.exists(path)) {
      throw new IllegalStateException("this test needs " + path);
    }
    return path;
  }
}
