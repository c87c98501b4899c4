package org.murmuration.worker.bench;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.NativeBackend;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J as it is shipped, through its own {@code fit}; it does without its helpers. */
final class Dl4jTraining implements Training {
  private final ComputationGraph graph;
  private final MultiDataSet batch;

  Dl4jTraining(Cell cell) {
    Nd4j.getEnvironment().setMaxMasterThreads(cell.threads());
    graph = new ComputationGraph(Dl4jGraphs.configuration(cell));
    graph.init();
    Dl4jGraphs.fill(graph);
    batch = Dl4jGraphs.batch(cell);
  }

  @Override
  public double train() {
    graph.fit(batch);
    return graph.score();
  }

  @Override
  public double differentiate() {
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.computeGradientAndScore();
    return graph.score();
  }

  @Override
  public long trainedParameters() {
    return Dl4jGraphs.trainedParameters(graph);
  }

  @Override
  public String engine() {
    return "DL4J on ND4J %s, helpers off".formatted(NativeBackend.info().binary());
  }

  @Override
  public void close() {
    graph.close();
  }
}
