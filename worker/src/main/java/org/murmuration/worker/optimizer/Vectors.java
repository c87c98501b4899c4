package org.murmuration.worker.optimizer;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The vectors of a network, outside of the heap. */
record Vectors(FloatBuffer parameters, FloatBuffer gradient, FloatBuffer state) {

  /** Where they are now. */
  static Vectors of(ComputationGraph graph) {
    return new Vectors(
        floats(graph.params()),
        floats(graph.getFlattenedGradients()),
        floats(graph.getUpdater().getStateViewArray()));
  }

  /** An empty buffer for DL4J's null, which is the state of updaters without one. */
  private static FloatBuffer floats(INDArray array) {
    return array == null
        ? FloatBuffer.allocate(0)
        : array.data().asNio().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
