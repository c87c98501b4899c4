package org.murmuration.worker.data.cifar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;

/**
 * The files in a gzip-compressed tar on any Hadoop file system. Only the last component of an
 * entry's name counts.
 *
 * <p>Unless the visitor stops, the archive is read to its end even when no wanted file can follow:
 * the checksum at the end of the gzip stream is all that tells a flipped bit in a pixel.
 */
record ArchiveFiles(FileSystem fileSystem, Path archive) implements BatchFiles {

  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public void visit(List<String> names, FileVisitor visitor) throws IOException {
    try (InputStream raw = fileSystem.open(archive);
        InputStream plain = new TranslatingStream(gunzip(raw), this::damagedGzip);
        TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
      InputStream content = new TranslatingStream(tar, this::damagedTar);
      for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (entry.isFile()
            && names.contains(name)
            && !visitor.file(name, entry.getSize(), content)) {
          return;
        }
      }
      plain.transferTo(OutputStream.nullOutputStream());
    }
  }

  private InputStream gunzip(InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, BUFFER_BYTES);
    } catch (EOFException | ZipException e) {
      throw new BadDataException(
          "%s is neither a gzip-compressed tar archive (cifar-10-binary.tar.gz) nor a folder with its files: %s"
              .formatted(archive, e.getMessage() == null ? "it is too short" : e.getMessage()),
          e);
    }
  }

  private TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
    try {
      return tar.getNextTarEntry();
    } catch (IOException e) {
      throw damagedTar(e);
    }
  }

  private IOException damagedGzip(IOException e) {
    if (e instanceof EOFException) {
      return new BadDataException(
          "%s is cut short: the gzip stream ends before its end mark; copy or download the file again"
              .formatted(archive),
          e);
    }
    if (e instanceof ZipException) {
      return new BadDataException(
          "%s is damaged: %s; copy or download the file again".formatted(archive, e.getMessage()),
          e);
    }
    return e;
  }

  private IOException damagedTar(IOException e) {
    if (e instanceof BadDataException) {
      return e;
    }
    return new BadDataException(
        "%s cannot be read as a tar archive: %s; copy or download the file again"
            .formatted(archive, e.getMessage()),
        e);
  }

  @Override
  public String toString() {
    return archive.toString();
  }
}
