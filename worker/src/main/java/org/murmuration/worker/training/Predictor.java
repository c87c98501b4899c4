package org.murmuration.worker.training;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.data.BatchArrays;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.source.RawImage;

/** Classifies images as a saved model does, from their files on. For one thread at a time. */
public final class Predictor implements AutoCloseable {

  /** As many images are computed at once. */
  private static final int BATCH = 64;

  private final ModelFile.Use use;
  private final Precision precision;
  private final Replica replica;
  private final ImageDecoder decoder;
  private final BatchArrays arrays;

  /** A predictor in the precision of the model's evaluation, if this processor has it. */
  public Predictor(ModelFile model) {
    this.use = model.use();
    this.precision =
        NativeBackend.whyNot(use.precision()).isEmpty() ? use.precision() : Precision.FP32;
    this.replica = new Replica(model.graph(), new ComputationSettings(precision, 1, 1));
    this.decoder = use.image().decoder();
    this.arrays = new BatchArrays(use.image().shape(), use.classes().size(), 0);
  }

  /** What it computes in; single precision where the processor lacks the model's. */
  public Precision precision() {
    return precision;
  }

  /**
   * What an image was taken for.
   *
   * @param path of the image
   * @param label the name of the class, "" if it can't be used
   * @param probability of that class
   * @param trouble why it can't be used, or ""
   */
  public record Prediction(String path, String label, float probability, String trouble)
      implements Serializable {}

  /** An image and what it is called. */
  public interface Image {
    /** Its name. */
    String path();

    /**
     * Its file.
     *
     * @throws UndecodableImageException when it can't be read
     */
    RawImage read() throws IOException;
  }

  /**
   * Classifies images.
   *
   * @return one prediction for each, in their order
   * @throws IOException when the file system fails
   */
  public List<Prediction> predict(List<? extends Image> images) throws IOException {
    var predictions = new Prediction[images.size()];
    var usable = new ArrayList<Integer>();
    var planes = new ArrayList<byte[]>();
    for (int i = 0; i < predictions.length; i++) {
      var image = images.get(i);
      try {
        planes.add(use.image().planes(image.read(), decoder));
        usable.add(i);
      } catch (UndecodableImageException e) {
        predictions[i] = new Prediction(image.path(), "", 0, e.getMessage());
      }
      if (usable.size() == BATCH || (i + 1 == predictions.length && !usable.isEmpty())) {
        classify(images, usable, planes, predictions);
        usable.clear();
        planes.clear();
      }
    }
    return List.of(predictions);
  }

  private void classify(
      List<? extends Image> images,
      List<Integer> usable,
      List<byte[]> planes,
      Prediction[] predictions) {
    int bytes = use.image().shape().bytes();
    var batch =
        arrays.fill(
            planes.size(),
            (pixels, labels) -> {
              for (int row = 0; row < planes.size(); row++) {
                pixels.put(row * bytes, planes.get(row));
              }
            });
    var outputs = replica.output(batch.getFeatures())[0].dup('c').data().asFloat();
    int classes = use.classes().size();
    for (int row = 0; row < planes.size(); row++) {
      int best = Evaluator.largest(outputs, row * classes, classes);
      int index = usable.get(row);
      predictions[index] =
          new Prediction(
              images.get(index).path(), use.classes().get(best), outputs[row * classes + best], "");
    }
  }

  @Override
  public void close() {
    replica.close();
  }
}
