package org.murmuration.worker.accel;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks of few layers that tell small images apart. */
final class SmallImages {
  static final int SIZE = 8;
  static final int CHANNELS = 16;
  static final int CLASSES = 4;

  private SmallImages() {}

  static GraphBuilder images() {
    return SampleNetworks.start()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(SIZE, SIZE, 3));
  }

  static ComputationGraph graph(GraphBuilder builder, String last) {
    return SampleNetworks.graph(builder.addLayer("out", output(), last).setOutputs("out").build());
  }

  static Layer output() {
    return SampleNetworks.output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES);
  }

  static Layer conv() {
    return SampleNetworks.conv(CHANNELS, 3);
  }

  static GraphVertex add() {
    return new ElementWiseVertex(ElementWiseVertex.Op.Add);
  }

  static MultiDataSet batch(int count) {
    var random = new SampleBatches(count);
    return new MultiDataSet(random.normal(count, 3, SIZE, SIZE), random.classes(count, CLASSES));
  }
}
