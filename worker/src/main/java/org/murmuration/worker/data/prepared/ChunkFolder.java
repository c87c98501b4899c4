package org.murmuration.worker.data.prepared;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.source.SampleSource;
import org.murmuration.worker.data.source.SampleVisitor;

/**
 * The folder in which chunks are prepared. A chunk is done once its report is there, which is
 * written last; so whatever stops a job, the next one goes on with what is done.
 *
 * @param path of the folder
 */
public record ChunkFolder(String path) implements Serializable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TABLE = ".parquet";
  private static final String REPORT = ".json";
  private static final String DAMAGED_FILE = "DAMAGED_FILE";

  /** The table of a chunk. */
  public Path table(Chunk chunk) {
    return new Path(path, chunk.name() + TABLE);
  }

  /** The reports of all chunks that are done; of one that can't be read, the chunk is not done. */
  public List<ChunkReport> done(Configuration configuration) throws IOException {
    var folder = new Path(path);
    var fileSystem = JobFiles.fileSystem(folder, configuration);
    List<ChunkReport> done = new ArrayList<>();
    if (fileSystem.exists(folder)) {
      for (FileStatus file : fileSystem.listStatus(folder)) {
        if (file.getPath().getName().endsWith(REPORT)) {
          read(file.getPath(), configuration).ifPresent(done::add);
        }
      }
    }
    done.sort(Comparator.comparing(report -> report.chunk().name()));
    return done;
  }

  private static Optional<ChunkReport> read(Path report, Configuration configuration)
      throws IOException {
    try (var in = JobFiles.fileSystem(report, configuration).open(report)) {
      return Optional.of(JSON.readValue(in.readAllBytes(), ChunkReport.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Prepares a chunk. The same chunk may be prepared by two tasks at once; whichever is done first
   * counts.
   *
   * @param attempt what no other task is called
   * @return what became of it
   * @throws IOException when the file system fails
   */
  public ChunkReport prepare(
      Chunk chunk,
      SampleSource source,
      Preparation preparation,
      String attempt,
      Configuration configuration)
      throws IOException {
    var unfinished = new Path(path, "_" + chunk.name() + "-" + attempt);
    var fileSystem = JobFiles.fileSystem(unfinished, configuration);
    var report = write(chunk, source, preparation, new PreparedFile(unfinished, configuration));
    var table = table(chunk);
    fileSystem.delete(table, false);
    if (!fileSystem.rename(unfinished, table)) {
      throw new IOException("could not rename " + unfinished + " to " + table);
    }
    var json = JSON.writeValueAsBytes(report);
    JobFiles.write(new Path(path, chunk.name() + REPORT), configuration, out -> out.write(json));
    return report;
  }

  private static ChunkReport write(
      Chunk chunk, SampleSource source, Preparation preparation, PreparedFile file)
      throws IOException {
    var preparer = new SamplePreparer(preparation);
    List<BadSample> bad = new ArrayList<>();
    var rows = new long[1];
    try (var writer = file.create()) {
      for (var piece : chunk.pieces()) {
        SampleVisitor visitor =
            sample -> {
              try {
                writer.write(preparer.prepare(sample, piece, chunk.split()));
                rows[0]++;
              } catch (UndecodableImageException e) {
                bad.add(BadSample.of(sample, piece, e));
              }
            };
        try {
          source.read(piece, visitor);
        } catch (BadDataException e) {
          // What came before the damage is good; what comes after it is lost with the file.
          bad.add(
              new BadSample(
                  piece.path(), piece.path(), DAMAGED_FILE, e.getMessage(), piece.bytes()));
        }
      }
    }
    return new ChunkReport(chunk, rows[0], bad);
  }
}
