package org.murmuration.worker.model;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.murmuration.worker.accel.op.KernelOp;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a {@link KernelLayer} computes where DL4J runs it. */
final class KernelComputation extends BaseLayer<KernelLayer> {
  private static final long serialVersionUID = 1L;

  private transient ImageKernel kernel;
  private transient ImageSize size;
  private float[][] drawn;

  KernelComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    prepare();
    var x = numbers(input);
    if (training) {
      KernelOp.draw(drawn);
    } else if (layerConf().idleInUse()) {
      return result(x, input.shape(), ArrayType.ACTIVATIONS, workspaces);
    }
    var out = kernel.output();
    var weights = weights();
    var y = new float[drawn.length][out.length()];
    for (int i = 0; i < drawn.length; i++) {
      kernel.forward(weights, drawn[i], x[i], y[i]);
    }
    var shape = new long[] {drawn.length, out.channels(), out.height(), out.width()};
    return result(y, shape, ArrayType.ACTIVATIONS, workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    var x = numbers(input);
    var dy = numbers(epsilon);
    var weights = weights();
    var sums = new double[weights.length];
    var dx = new float[x.length][size.length()];
    for (int i = 0; i < x.length; i++) {
      if (layerConf().learns()) {
        kernel.learn(weights, drawn[i], x[i], dy[i], sums);
      }
      kernel.backward(weights, drawn[i], x[i], dy[i], dx[i]);
    }
    var gradient = new DefaultGradient();
    if (sums.length > 0) {
      var learned = gradientViews.get(KernelParameters.WEIGHTS);
      learned.assign(Nd4j.createFromArray(sums).reshape(1, sums.length));
      gradient.setGradientFor(KernelParameters.WEIGHTS, learned);
    }
    return new Pair<>(gradient, result(dx, input.shape(), ArrayType.ACTIVATION_GRAD, workspaces));
  }

  /** For images as they come now; what was drawn stays until others are. */
  private void prepare() {
    var now = new ImageSize((int) input.size(1), (int) input.size(2), (int) input.size(3));
    if (!now.equals(size)) {
      size = now;
      kernel = layerConf().kernel(now);
    }
    if (drawn == null || drawn.length != input.size(0)) {
      drawn = new float[Math.toIntExact(input.size(0))][kernel.draws()];
    }
  }

  private float[] weights() {
    return layerConf().start().length == 0
        ? new float[0]
        : params.get(KernelParameters.WEIGHTS).dup('c').data().asFloat();
  }

  private static float[][] numbers(INDArray images) {
    int count = Math.toIntExact(images.size(0));
    return images.castTo(DataType.FLOAT).dup('c').reshape('c', count, -1).toFloatMatrix();
  }

  private INDArray result(
      float[][] values, long[] shape, ArrayType type, LayerWorkspaceMgr workspaces) {
    var result = workspaces.createUninitialized(type, dataType, shape, 'c');
    result.assign(Nd4j.create(values).reshape('c', shape));
    return result;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
