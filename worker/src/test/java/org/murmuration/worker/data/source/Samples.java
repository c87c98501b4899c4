package org.murmuration.worker.data.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.ImageLimits;

/** Reads sources as tests need it. */
public final class Samples {
  private Samples() {}

  /** The files of a training set. */
  public static SourceFiles files(Path train) {
    return files(train.toString());
  }

  /** The files of a training set whose place is a glob. */
  public static SourceFiles files(String train) {
    return new SourceFiles(
        Optional.of("file:" + train),
        Optional.empty(),
        ImageLimits.DEFAULT,
        new Configuration(false));
  }

  /** A sample, read. */
  record Read(String path, String label, String image) {}

  /** All training samples, with the first bytes of each image, or why there is none. */
  static List<Read> read(SampleSource source, Path root) throws IOException {
    List<Read> samples = new ArrayList<>();
    for (var piece : source.list(Split.TRAIN).pieces()) {
      source.read(
          piece,
          sample ->
              samples.add(new Read(below(root, sample.path()), sample.label(), content(sample))));
    }
    return samples;
  }

  /** A path as it goes on below a folder. */
  static String below(Path root, String path) {
    return path.replace("file:" + root + "/", "");
  }

  private static String content(RawSample sample) throws IOException {
    try {
      return new String(sample.image().bytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (org.murmuration.worker.data.image.UndecodableImageException e) {
      return e.reason().name();
    }
  }
}
