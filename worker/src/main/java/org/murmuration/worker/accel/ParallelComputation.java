package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Several replicas of a network in one process: each computes a part of the batch on a thread of
 * its own, with the same parameters and a gradient of its own; {@link GradientReduction} adds them
 * up in memory. For small networks one thread each wastes less than several threads in one.
 */
final class ParallelComputation implements Computation {

  /** A part of one batch; what takes longer hangs. */
  private static final int PATIENCE_MINUTES = 30;

  /** An odd number far from small multiples, so that the replicas' seeds have nothing in common. */
  private static final long SEED_DISTANCE = 0x9E3779B97F4A7C15L;

  /** One replica and its thread. */
  private record Replica(Computation computation, ExecutorService thread) {}

  private final List<Replica> replicas = new ArrayList<>();

  /** How many replicas had a part of the last batch. */
  private int parts;

  private final GradientReduction reduction;

  /**
   * @param graph the first replica; the others read its parameters
   * @param count how many replicas
   * @param threads that each replica uses
   * @param segments as {@link ComputationSettings#segments} has it
   */
  ParallelComputation(
      ComputationGraph graph, Precision precision, int count, int threads, int segments) {
    List<ComputationGraph> graphs = new ArrayList<>(List.of(graph));
    for (int i = 1; i < count; i++) {
      graphs.add(sharingParameters(graph));
    }
    for (int i = 0; i < count; i++) {
      replicas.add(
          new Replica(
              new NetworkComputation(graphs.get(i), precision, threads, segments),
              thread(i, threads)));
    }
    this.reduction = new GradientReduction(graphs);
  }

  @Override
  public void moveTo(int epoch, int iteration, long seed) {
    onEach(
        replicas.size(),
        i -> {
          replicas.get(i).computation.moveTo(epoch, iteration, seed + i * SEED_DISTANCE);
          return null;
        });
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    var bounds = BatchRows.bounds(batch.getFeatures(0).size(0), replicas.size());
    var counts = new int[bounds.length - 1];
    parts = counts.length;
    Arrays.setAll(counts, i -> (int) (bounds[i + 1] - bounds[i]));
    var step = reduction.begin(counts, listener);
    var losses =
        onEach(
            counts.length,
            i ->
                replicas
                    .get(i)
                    .computation
                    .computeGradient(BatchRows.of(batch, bounds[i], bounds[i + 1]), step.of(i)));
    return losses.stream().mapToDouble(Double::doubleValue).sum();
  }

  @Override
  public SampleLosses sampleLosses() {
    return SampleLosses.joined(
        replicas.stream().limit(parts).map(r -> r.computation.sampleLosses()).toList());
  }

  @Override
  public INDArray[] output(INDArray... features) {
    var bounds = BatchRows.bounds(features[0].size(0), replicas.size());
    var parts =
        onEach(
            bounds.length - 1,
            i ->
                replicas
                    .get(i)
                    .computation
                    .output(BatchRows.of(features, bounds[i], bounds[i + 1])));
    var outputs = new INDArray[parts.get(0).length];
    Arrays.setAll(
        outputs, k -> Nd4j.concat(0, parts.stream().map(part -> part[k]).toArray(INDArray[]::new)));
    return outputs;
  }

  @Override
  public ComputationInfo info() {
    var one = replicas.get(0).computation.info();
    return new ComputationInfo(
        one.precision(), replicas.size(), one.threads(), one.compiledLayers(), one.dl4jLayers());
  }

  @Override
  public void close() {
    onEach(
        replicas.size(),
        i -> {
          replicas.get(i).computation.close();
          return null;
        });
    replicas.forEach(replica -> replica.thread.shutdown());
  }

  /** What a replica does. */
  @FunctionalInterface
  private interface Work<T> {
    T doAs(int replica);
  }

  /** Lets the first replicas work side by side and waits for all, even if one fails. */
  private <T> List<T> onEach(int count, Work<T> work) {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int replica = i;
      Callable<T> task = () -> work.doAs(replica);
      futures.add(replicas.get(i).thread.submit(task));
    }
    List<T> results = new ArrayList<>();
    RuntimeException failure = null;
    for (int i = 0; i < count; i++) {
      try {
        results.add(futures.get(i).get(PATIENCE_MINUTES, TimeUnit.MINUTES));
      } catch (ExecutionException e) {
        failure = failed(i, e);
      } catch (TimeoutException e) {
        throw new IllegalStateException(
            "replica %d has computed one step for %d minutes".formatted(i, PATIENCE_MINUTES), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while replicas compute", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static RuntimeException failed(int replica, ExecutionException e) {
    return e.getCause() instanceof RuntimeException known
        ? known
        : new IllegalStateException("replica %d failed".formatted(replica), e.getCause());
  }

  private static ComputationGraph sharingParameters(ComputationGraph graph) {
    var copy = new ComputationGraph(graph.getConfiguration().clone());
    copy.init(graph.params(), false);
    copy.initGradientsView();
    return copy;
  }

  private static ExecutorService thread(int replica, int threads) {
    return Executors.newSingleThreadExecutor(
        task -> {
          var thread =
              new Thread(
                  () -> {
                    NativeBackend.useThreads(threads);
                    task.run();
                  },
                  "replica-" + replica);
          thread.setDaemon(true);
          return thread;
        });
  }
}
