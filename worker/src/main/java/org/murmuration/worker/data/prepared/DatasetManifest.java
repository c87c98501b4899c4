package org.murmuration.worker.data.prepared;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;

/**
 * {@code dataset.json}: what a prepared data set is. A folder without it isn't one.
 *
 * @param format the version of this format
 * @param settings that decide what an image becomes, by key
 * @param image what each image is made to
 * @param keeping whether images are kept as pixels or encoded
 * @param classes the names of the classes, by number
 * @param splits by {@code train} and {@code test}
 * @param mean of each channel over the training images, 0 to 255
 * @param standardDeviation of each channel over all pixels of the training images
 * @param bad samples that couldn't be used, named in {@code bad.jsonl}
 * @param duplicates samples left out because another has the same bytes, named there as well
 */
public record DatasetManifest(
    int format,
    SortedMap<String, String> settings,
    ImageTransform image,
    Keeping keeping,
    List<String> classes,
    SortedMap<String, SplitManifest> splits,
    List<Double> mean,
    List<Double> standardDeviation,
    long bad,
    long duplicates) {

  /** The version that this writes and reads. */
  public static final int FORMAT = 1;

  /** The name of the file. */
  public static final String FILE = "dataset.json";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /** Copies the collections. */
  public DatasetManifest {
    settings = new TreeMap<>(settings);
    splits = new TreeMap<>(splits);
    classes = List.copyOf(classes);
    mean = List.copyOf(mean);
    standardDeviation = List.copyOf(standardDeviation);
  }

  /**
   * One split.
   *
   * @param samples in all its parts
   * @param parts how many samples are in each file, in the order of their names
   * @param samplesPerClass by name of the class
   */
  public record SplitManifest(long samples, List<Long> parts, Map<String, Long> samplesPerClass) {

    /** Copies the collections. */
    public SplitManifest {
      parts = List.copyOf(parts);
      samplesPerClass = new TreeMap<>(samplesPerClass);
    }

    /** The split of these parts. */
    public static SplitManifest of(List<PartWriter.Report> parts) {
      var perClass = new TreeMap<String, Long>();
      parts.forEach(
          part -> part.samplesPerClass().forEach((name, n) -> perClass.merge(name, n, Long::sum)));
      var rows = parts.stream().map(PartWriter.Report::rows).toList();
      return new SplitManifest(rows.stream().mapToLong(Long::longValue).sum(), rows, perClass);
    }
  }

  /** Writes the file into a folder. */
  public void write(Path folder, Configuration configuration) throws IOException {
    var json = JSON.writeValueAsBytes(this);
    JobFiles.write(new Path(folder, FILE), configuration, out -> out.write(json));
  }

  /**
   * Reads the file of a folder.
   *
   * @throws BadDataException when there is none, or it is of another version
   */
  public static DatasetManifest read(Path folder, Configuration configuration) throws IOException {
    var file = new Path(folder, FILE);
    try (var in = JobFiles.fileSystem(file, configuration).open(file)) {
      var manifest = JSON.readValue(in.readAllBytes(), DatasetManifest.class);
      if (manifest.format != FORMAT) {
        throw new BadDataException(
            "%s has format %d, this version reads %d; prepare the data anew"
                .formatted(file, manifest.format, FORMAT));
      }
      return manifest;
    } catch (FileNotFoundException e) {
      throw new BadDataException(
          "%s does not exist, so %s holds no data that preprocess has finished"
              .formatted(file, folder),
          e);
    } catch (JacksonException e) {
      throw new BadDataException("%s is damaged: %s".formatted(file, e.getMessage()), e);
    }
  }
}
