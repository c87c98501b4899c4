package org.murmuration.worker.accel.plan;

import java.util.HashMap;
import java.util.Map;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.OneDnn;

/** The network's flat vectors, seen as tensors. */
final class Vectors {
  private final OneDnn oneDnn;
  private final Recorder recorder;
  private final Map<Parameter, Tensor> parameters = new HashMap<>();
  private final Map<Parameter, Tensor> gradients = new HashMap<>();

  Vectors(OneDnn oneDnn, Recorder recorder) {
    this.oneDnn = oneDnn;
    this.recorder = recorder;
  }

  Tensor parameter(Parameter parameter) {
    return parameters.computeIfAbsent(parameter, key -> in(recorder.regions().parameters(), key));
  }

  Tensor gradient(Parameter parameter) {
    return gradients.computeIfAbsent(parameter, key -> in(recorder.regions().gradient(), key));
  }

  private Tensor in(Region region, Parameter parameter) {
    var layout = oneDnn.strided(ElementType.F32, parameter.shape(), parameter.strides());
    return recorder.external(region, layout, parameter.offset() * Float.BYTES);
  }
}
