package org.murmuration.worker.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.prepared.ImageTransform;

/**
 * A saved model: DL4J's zip file, and in it one more entry that says how a raw image becomes what
 * the graph takes, and what its outputs are called. DL4J passes over the entry.
 *
 * @param graph the network, preprocessing layers included
 * @param use how to use it
 */
public record ModelFile(ComputationGraph graph, Use use) {
  private static final String ENTRY = "murmuration.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How to use a model.
   *
   * @param image what is done with an image file before the graph
   * @param classes the names of the outputs, in their order
   * @param precision that it was evaluated in; single where a file says nothing
   */
  public record Use(ImageTransform image, List<String> classes, Precision precision)
      implements Serializable {
    /** Copies the list. */
    public Use {
      classes = List.copyOf(classes);
      precision = Objects.requireNonNullElse(precision, Precision.FP32);
    }
  }

  /**
   * Writes the file's bytes, the optimizer's state included; doesn't close the stream.
   *
   * @throws IOException when there is no room for them on the local disk either
   */
  public void write(OutputStream out) throws IOException {
    var local = Files.createTempFile("murmuration-model", ".zip");
    try {
      ModelSerializer.writeModel(graph, local.toFile(), true);
      try (var zip = FileSystems.newFileSystem(local)) {
        Files.write(zip.getPath(ENTRY), JSON.writeValueAsBytes(use));
      }
      Files.copy(local, out);
    } finally {
      Files.delete(local);
    }
  }

  /**
   * Reads the network alone, which needn't be of a run here, without the optimizer's state.
   *
   * @throws IOException when there is no such file, or it is none of DL4J's
   */
  public static ComputationGraph readGraph(Path file, Configuration hadoop) throws IOException {
    try (var in = new BufferedInputStream(JobFiles.fileSystem(file, hadoop).open(file))) {
      return ModelSerializer.restoreComputationGraph(in, false);
    }
  }

  /**
   * Reads a file, without the optimizer's state.
   *
   * @throws IOException when there is none
   * @throws BadDataException when it is no such model; the message says what is missing
   */
  public static ModelFile read(Path file, Configuration hadoop) throws IOException {
    var local = Files.createTempFile("murmuration-model", ".zip");
    try {
      try (var in = JobFiles.fileSystem(file, hadoop).open(file)) {
        Files.copy(in, local, StandardCopyOption.REPLACE_EXISTING);
      }
      try (var zip = FileSystems.newFileSystem(local)) {
        var entry = zip.getPath(ENTRY);
        if (!Files.exists(entry)) {
          throw new BadDataException(
              "%s has no %s, so it doesn't say how images are prepared for it; it must be the model.zip or best.zip of a run of train"
                  .formatted(file, ENTRY));
        }
        var use = JSON.readValue(Files.readAllBytes(entry), Use.class);
        return new ModelFile(ModelSerializer.restoreComputationGraph(local.toFile(), false), use);
      } catch (JacksonException e) {
        throw new BadDataException("%s is damaged: %s".formatted(file, e.getMessage()), e);
      }
    } finally {
      Files.delete(local);
    }
  }
}
