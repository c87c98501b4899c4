package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.worker.data.Split;

/** Small batch files for tests, and what was read of them. */
final class Records {

  private Records() {}

  /** Records whose pixels are all {@code 10 * batch + record} and whose label is the record's. */
  static byte[] batch(int batch, int records) {
    byte[] bytes = new byte[records * CifarFormat.CIFAR10.recordBytes()];
    for (int i = 0; i < bytes.length; i++) {
      int record = i / CifarFormat.CIFAR10.recordBytes();
      bytes[i] =
          (byte) (i % CifarFormat.CIFAR10.recordBytes() == 0 ? record % 10 : 10 * batch + record);
    }
    return bytes;
  }

  /** The bytes, stored uncompressed in a gzip-compressed tar in the order of the map. */
  static Path archive(Path file, Map<String, byte[]> content) throws IOException {
    GzipParameters stored = new GzipParameters();
    stored.setCompressionLevel(Deflater.NO_COMPRESSION);
    try (OutputStream out = Files.newOutputStream(file);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new GzipCompressorOutputStream(out, stored))) {
      for (Map.Entry<String, byte[]> entry : content.entrySet()) {
        TarArchiveEntry header = new TarArchiveEntry(entry.getKey());
        header.setSize(entry.getValue().length);
        tar.putArchiveEntry(header);
        tar.write(entry.getValue());
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  static Path folder(Path folder, Map<String, byte[]> content) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> entry : content.entrySet()) {
      Files.write(folder.resolve(entry.getKey()), entry.getValue());
    }
    return folder;
  }

  static CifarFiles source(Path path) {
    return CifarFiles.at(
        CifarFormat.CIFAR10,
        new org.apache.hadoop.fs.Path("file:" + path),
        new Configuration(false));
  }

  /** Reads a split as lines "global index: label, first and last pixel". */
  static List<String> read(CifarFiles source, Split split) throws IOException {
    List<String> lines = new ArrayList<>();
    source.read(
        split,
        (index, label, pixels, offset) ->
            lines.add(
                "%d: %d, %d %d"
                    .formatted(index, label, pixels[offset], pixels[offset + 3072 - 1])));
    return lines;
  }
}
