package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFilesTest {
  @TempDir private Path folder;

  private void write(String name, JobFiles.Content content) throws IOException {
    JobFiles.write(
        new org.apache.hadoop.fs.Path(folder.resolve(name).toUri()),
        new Configuration(false),
        content);
  }

  private static JobFiles.Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldWriteAFileAndNothingBesideIt() throws IOException {
    write("a.txt", text("hello"));

    assertThat(folder.resolve("a.txt")).hasContent("hello");
    assertThat(files()).containsExactly("a.txt");
  }

  @Test
  void shouldMakeTheFolder() throws IOException {
    write("some/where/a.txt", text("hello"));

    assertThat(folder.resolve("some/where/a.txt")).hasContent("hello");
  }

  /** A disk on which a file can't get its name. */
  public static final class NoRename extends RawLocalFileSystem {
    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      throw new IOException("no renaming today");
    }
  }

  /** A disk whose rename doesn't replace, like HDFS. */
  public static final class NoReplace extends RawLocalFileSystem {
    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      return !exists(to) && super.rename(from, to);
    }
  }

  /** A store like S3: a file appears when it is closed, and nothing is ever renamed. */
  public static final class ObjectStore extends RawLocalFileSystem {
    @Override
    public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability)
        throws IOException {
      return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
          || super.hasPathCapability(path, capability);
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
      throw new AssertionError("renaming is copying there");
    }

    @Override
    public FSDataOutputStream create(org.apache.hadoop.fs.Path file, boolean overwrite)
        throws IOException {
      return new FSDataOutputStream(new Upload(pathToFile(file).toPath()), null);
    }
  }

  private static final class Upload extends ByteArrayOutputStream implements Abortable {
    private final Path file;
    private boolean aborted;

    Upload(Path file) {
      this.file = file;
    }

    @Override
    public void close() throws IOException {
      if (!aborted) {
        Files.write(file, toByteArray());
      }
    }

    @Override
    public AbortableResult abort() {
      aborted = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return false;
        }

        @Override
        public IOException anyCleanupException() {
          return null;
        }
      };
    }
  }

  @Test
  void shouldMakeAFileOfAnObjectStoreAppearWholeOrNotAtAll() throws IOException {
    writeOn(ObjectStore.class, "first");
    assertThat(folder.resolve("a.txt")).hasContent("first");
    writeOn(ObjectStore.class, "second");
    assertThat(folder.resolve("a.txt")).hasContent("second");

    assertThatThrownBy(
            () ->
                writeOn(
                    ObjectStore.class,
                    out -> {
                      out.write(new byte[100]);
                      throw new IOException("the network is gone");
                    }))
        .hasMessage("the network is gone");

    assertThat(folder.resolve("a.txt")).hasContent("second");
    assertThat(files()).containsExactly("a.txt");
  }

  private void writeOn(Class<? extends RawLocalFileSystem> disk, String content)
      throws IOException {
    writeOn(disk, text(content));
  }

  private void writeOn(Class<? extends RawLocalFileSystem> disk, JobFiles.Content content)
      throws IOException {
    var hadoop = new Configuration(false);
    hadoop.setClass("fs.file.impl", disk, FileSystem.class);
    hadoop.setBoolean("fs.file.impl.disable.cache", true);
    JobFiles.write(new org.apache.hadoop.fs.Path(folder.resolve("a.txt").toUri()), hadoop, content);
  }

  @Test
  void shouldKeepTheOldFileUntilTheNewOneHasItsName() throws IOException {
    write("a.txt", text("old"));

    assertThatThrownBy(() -> writeOn(NoRename.class, "new"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no renaming today");

    assertThat(folder.resolve("a.txt")).hasContent("old");
    assertThat(files()).containsExactly("a.txt");
  }

  @Test
  void shouldReplaceAFileWhereRenamingDoesNot() throws IOException {
    write("a.txt", text("old"));

    writeOn(NoReplace.class, "new");

    assertThat(folder.resolve("a.txt")).hasContent("new");
    assertThat(files()).containsExactly("a.txt");
  }

  @Test
  void shouldReplaceAFile() throws IOException {
    write("a.txt", text("a long text"));
    write("a.txt", text("short"));

    assertThat(folder.resolve("a.txt")).hasContent("short");
    assertThat(files()).containsExactly("a.txt");
  }

  @Test
  void shouldShowNothingOfAFileBeforeItIsWhole() throws IOException {
    write("a.txt", text("old"));
    List<String> seen = new ArrayList<>();

    write(
        "a.txt",
        out -> {
          out.write('n');
          out.flush();
          seen.add(Files.readString(folder.resolve("a.txt")));
          out.write('w');
        });

    assertThat(seen).containsExactly("old");
    assertThat(folder.resolve("a.txt")).hasContent("nw");
  }

  @Test
  void shouldLeaveTheOldFileAndNoUnfinishedOneWhenWritingFails() throws IOException {
    write("a.txt", text("old"));
    var full = new IOException("disk full");
    var broken = new IllegalStateException("broken");

    assertThatThrownBy(
            () ->
                write(
                    "a.txt",
                    out -> {
                      out.write(1);
                      throw full;
                    }))
        .isSameAs(full);
    assertThatThrownBy(
            () ->
                write(
                    "b.txt",
                    out -> {
                      out.write(1);
                      throw broken;
                    }))
        .isSameAs(broken);

    assertThat(files()).containsExactly("a.txt");
    assertThat(folder.resolve("a.txt")).hasContent("old");
  }

  /** A folder of that name with something in it can be neither deleted nor replaced. */
  @Test
  void shouldLeaveNoUnfinishedFileWhenItCannotTakeItsName() throws IOException {
    Files.createDirectories(folder.resolve("a.txt/inside"));

    assertThatThrownBy(() -> write("a.txt", text("hello"))).isInstanceOf(IOException.class);

    assertThat(files()).containsExactly("a.txt");
    assertThat(folder.resolve("a.txt/inside")).isDirectory();
  }
}
