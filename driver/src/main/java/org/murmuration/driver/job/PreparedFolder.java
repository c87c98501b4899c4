package org.murmuration.driver.job;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ChunkFolder;
import org.murmuration.worker.data.prepared.DatasetManifest;
import org.murmuration.worker.data.prepared.Sha256;
import org.murmuration.worker.data.source.Piece;

/**
 * The folder that {@code preprocess} writes, and the hidden one beside it in which it is put
 * together. The data set takes its place by being renamed, so it is there whole or not at all; what
 * was finished before stays until then.
 */
final class PreparedFolder {
  private static final String BAD_FILE = "bad.jsonl";
  private static final String SOURCES_FILE = "sources.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final Path work;
  private final FileSystem fileSystem;
  private final Configuration hadoop;

  private PreparedFolder(Path path, FileSystem fileSystem, Configuration hadoop) {
    this.path = path;
    this.work = new Path(path.getParent(), "_" + path.getName() + "-unfinished");
    this.fileSystem = fileSystem;
    this.hadoop = hadoop;
  }

  /** A piece that was prepared, as a line of a file. */
  record Source(String split, Piece piece) {}

  /**
   * Opens the folder given with --out.
   *
   * @throws JobRefusedException when something else is there
   */
  static PreparedFolder open(String out, Configuration hadoop) throws IOException {
    var given = new Path(out);
    var fileSystem = JobFiles.fileSystem(given, hadoop);
    var folder = new PreparedFolder(fileSystem.makeQualified(given), fileSystem, hadoop);
    folder.mend();
    if (fileSystem.exists(folder.path)
        && !fileSystem.exists(new Path(folder.path, DatasetManifest.FILE))) {
      throw new JobRefusedException(
          "%s is there already, and is no data set that preprocess has written: choose another --out"
              .formatted(folder.path));
    }
    return folder;
  }

  /** A run that was stopped between its two renamings has left the data set of the one before. */
  private void mend() throws IOException {
    if (!fileSystem.exists(path) && fileSystem.exists(previous())) {
      rename(previous(), path);
    }
  }

  Path path() {
    return path;
  }

  /**
   * Where chunks are prepared.
   *
   * @param settings that decide what an image becomes: chunks that were made with others are no use
   */
  ChunkFolder chunks(SortedMap<String, String> settings) {
    return new ChunkFolder(new Path(work, "chunks-" + Sha256.hex(settings.toString())).toString());
  }

  /** Where the parts are put together. */
  Path staging() {
    return new Path(work, "dataset");
  }

  private Path previous() {
    return new Path(work, "previous");
  }

  /** What is finished. */
  Optional<DatasetManifest> finished() throws IOException {
    return fileSystem.exists(path)
        ? Optional.of(DatasetManifest.read(path, hadoop))
        : Optional.empty();
  }

  /** The pieces of the finished run by their split. */
  Map<String, List<Piece>> finishedPieces() throws IOException {
    var pieces = new TreeMap<String, List<Piece>>();
    for (var source : lines(SOURCES_FILE, Source.class)) {
      pieces.computeIfAbsent(source.split, split -> new ArrayList<>()).add(source.piece);
    }
    return pieces;
  }

  /** The samples that the finished run couldn't use. */
  List<BadSample> finishedBad() throws IOException {
    return lines(BAD_FILE, BadSample.class);
  }

  /** The files of the finished run that hold rows. */
  List<String> finishedParts() throws IOException {
    List<String> parts = new ArrayList<>();
    for (var split : List.of("train", "test")) {
      var folder = new Path(path, split);
      if (fileSystem.exists(folder)) {
        Stream.of(fileSystem.listStatus(folder))
            .map(file -> file.getPath().toString())
            .sorted(Comparator.naturalOrder())
            .forEach(parts::add);
      }
    }
    return parts;
  }

  /** Empties the place in which parts are put together. */
  void clearStaging() throws IOException {
    fileSystem.delete(staging(), true);
    fileSystem.mkdirs(staging());
  }

  /** Puts the data set that was put together in its place. */
  void commit(DatasetManifest manifest, SortedMap<String, List<Piece>> pieces, List<BadSample> bad)
      throws IOException {
    var sources = new ArrayList<Source>();
    pieces.forEach((split, all) -> all.forEach(piece -> sources.add(new Source(split, piece))));
    write(SOURCES_FILE, sources);
    BadSamples.write(bad, new Path(staging(), BAD_FILE), hadoop);
    manifest.write(staging(), hadoop);
    if (fileSystem.exists(path)) {
      rename(path, previous());
    }
    rename(staging(), path);
    fileSystem.delete(work, true);
  }

  /** Where the samples are named that couldn't be used. */
  Path bad() {
    return new Path(path, BAD_FILE);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("could not rename %s to %s".formatted(from, to));
    }
  }

  private void write(String name, List<?> values) throws IOException {
    JobFiles.write(
        new Path(staging(), name),
        hadoop,
        out -> {
          for (var value : values) {
            out.write(JSON.writeValueAsBytes(value));
            out.write('\n');
          }
        });
  }

  private <T> List<T> lines(String name, Class<T> type) throws IOException {
    var file = new Path(path, name);
    List<T> values = new ArrayList<>();
    try (var in = fileSystem.open(file);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        values.add(JSON.readValue(line, type));
      }
    } catch (JacksonException e) {
      throw new BadDataException("%s is damaged: %s".formatted(file, e.getMessage()), e);
    }
    return values;
  }
}
