package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;
import org.murmuration.worker.model.LayerSpec.Activation;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.BatchNorm;
import org.murmuration.worker.model.LayerSpec.ColorTransform;
import org.murmuration.worker.model.LayerSpec.Conv;
import org.murmuration.worker.model.LayerSpec.Dense;
import org.murmuration.worker.model.LayerSpec.Dropout;
import org.murmuration.worker.model.LayerSpec.GaborWaves;
import org.murmuration.worker.model.LayerSpec.GlobalAveragePool;
import org.murmuration.worker.model.LayerSpec.LearnedAugment;
import org.murmuration.worker.model.LayerSpec.LearnedResize;
import org.murmuration.worker.model.LayerSpec.Learning;
import org.murmuration.worker.model.LayerSpec.Normalize;
import org.murmuration.worker.model.LayerSpec.Pool;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.murmuration.worker.model.LayerSpec.Resize;
import org.murmuration.worker.model.LayerSpec.Scale;
import org.murmuration.worker.model.LayerSpec.Whiten;
import org.murmuration.worker.model.LayerSpec.Whitening;
import org.murmuration.worker.model.LayerSpec.WhiteningKind;

class JobConfLayersTest {
  @TempDir private Path folder;

  @Test
  void shouldReadEveryTypeOfLayerWithItsDefaults() {
    JobConf conf =
        JobFile.in(
                folder,
                """
                network.layers = [
                  { type = conv, filters = 6, kernel = 5 }
                  { type = max-pool, kernel = 3 }
                  { type = avg-pool, kernel = 2 }
                  { type = global-avg-pool }
                  { type = batch-norm }
                  { type = activation, kind = leaky-relu }
                  { type = dense, units = 120 }
                  { type = dropout, probability = 0.5 }
                  { type = normalize, mean = [0.5], std = [1, 2, 3] }
                  { type = scale, divisor = 255 }
                ]
                """)
            .load();

    assertThat(conf.network().layers())
        .containsExactly(
            new Conv(6, 5, 1, 0, false, true, ActivationKind.IDENTITY),
            new Pool(PoolKind.MAX, 3, 3, 0),
            new Pool(PoolKind.AVERAGE, 2, 2, 0),
            new GlobalAveragePool(),
            new BatchNorm(1e-5, 0.9),
            new Activation(ActivationKind.LEAKY_RELU),
            new Dense(120, true, ActivationKind.IDENTITY),
            new Dropout(0.5),
            new Normalize(List.of(0.5), List.of(1.0, 2.0, 3.0)),
            new Scale(255));
  }

  @Test
  void shouldReadEveryKeyOfALayer() {
    JobConf conf =
        JobFile.in(
                folder,
                """
                network.layers = [
                  { type = conv, filters = 6, kernel = 5, stride = 2, padding = 3, bias = false,
                    activation = tanh }
                  { type = conv, filters = 1, kernel = 1, padding = same }
                  { type = max-pool, kernel = 3, stride = 2, padding = 1 }
                  { type = batch-norm, epsilon = 0.1, decay = 0.5 }
                  { type = dense, units = 7, bias = false, activation = gelu }
                  { type = color-transform, learning-rate-factor = 0.5, weight-decay = 0.1 }
                  { type = gabor-waves, filters = 6, kernel = 5, padding = same, activation = relu,
                    weight-decay = 0.1 }
                  { type = whiten, kind = pca, epsilon = 0.01 }
                  { type = learned-augment, rotation = 0.2, shift-x = 0.1, spread = 0.3 }
                  { type = resize, height = 4, width = 5 }
                  { type = learned-resize, height = 4, width = 5, filters = 8, blocks = 2,
                    learning-rate-factor = 0 }
                ]
                """)
            .load();

    assertThat(conf.network().layers())
        .containsExactly(
            new Conv(6, 5, 2, 3, false, false, ActivationKind.TANH),
            new Conv(1, 1, 1, 0, true, true, ActivationKind.IDENTITY),
            new Pool(PoolKind.MAX, 3, 2, 1),
            new BatchNorm(0.1, 0.5),
            new Dense(7, false, ActivationKind.GELU),
            new ColorTransform(new Learning(0.5, 0.1)),
            new GaborWaves(
                new Conv(6, 5, 1, 0, true, true, ActivationKind.RELU), new Learning(1, 0.1)),
            new Whiten(new Whitening(WhiteningKind.PCA, 0.01), Learning.at(0), Optional.empty()),
            new LearnedAugment(Map.of(Change.ROTATION, 0.2, Change.SHIFT_X, 0.1), 1, 0.3),
            new Resize(4, 5),
            new LearnedResize(4, 5, 8, 2, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ type = conv, filters = 1, kernel = 1, padding = sam }"
            + "| .padding in x.conf:2: was \"sam\" (string), must be same or a whole number",
        "{ type = max-pool, kernel = 2, padding = 2 }"
            + "| .padding in x.conf:2: was 2, must be < kernel (2)",
        "{ type = max-pool, stride = 2 }" + "| .kernel in x.conf:2: is missing and has no default",
        "{ type = dropout, probability = 1 } | .probability in x.conf:2: was 1, must be in [0, 1)",
        "{ type = scale, divisor = 0 } | .divisor in x.conf:2: was 0, must be > 0",
        "{ type = activation, kind = rleu }"
            + "| .kind in x.conf:2: was \"rleu\", must be one of identity, relu, leaky-relu, elu,"
            + " gelu, swish, tanh, sigmoid; did you mean relu?",
        "{ type = normalize, mean = [1, 2], std = [1, 2, 3] }"
            + "| .std in x.conf:2: was [1,2,3], must be as long as mean (2 values), or of length 1",
        "{ type = normalize, mean = [1], std = [1, 0] }"
            + "| .std in x.conf:2: was [1,0], must be data or a list in which each element is > 0",
        "{ type = normalize, mean = [], std = [1] }"
            + "| .mean in x.conf:2: was [], must be data or a list with at least one element",
        "{ type = cnv, kernel = 2 }"
            + "| .type in x.conf:2: was \"cnv\", must be one of activation, avg-pool, batch-norm, channel-affine, color-transform,"
            + " conv, dense, dropout, gabor-conv, gabor-waves, global-avg-pool, learned-augment, learned-resize, max-pool, normalize,"
            + " resize, scale, tone-curve, whiten; did you mean conv?",
        "{ type = learned-augment }"
            + "| .type in x.conf:2: was \"learned-augment\", must be with at least one > 0 of brightness, contrast,"
            + " saturation, rotation, zoom, shear, shift-x, shift-y",
        "{ type = learned-augment, zoom = -1 }" + "| .zoom in x.conf:2: was -1, must be >= 0",
        "{ type = whiten, kind = pcb }"
            + "| .kind in x.conf:2: was \"pcb\", must be one of zca, pca; did you mean pca?",
        "{ type = learned-resize, height = 8 }"
            + "| .width in x.conf:2: is missing and has no default",
        "{ units = 2 } | .type in x.conf:2: is missing and has no default",
        "dense | ' in x.conf:2: was \"dense\" (string), must be a layer such as"
            + " { type = dense, units = 10 }'",
      })
  void shouldRefuseABadLayer(String layer, String rest) {
    JobFile file =
        JobFile.in(folder, "network.layers = [ { type = global-avg-pool },\n" + layer + "]");

    assertThat(file.problems()).containsExactly("network.layers[1]" + rest);
  }

  @Test
  void shouldRefuseAKeyThatTheTypeOfLayerDoesNotRead() {
    JobFile file =
        JobFile.in(
            folder,
            """
            preprocess.layers = [
              { type = scale, divisor = 255,
                units = 3 }
              { type = dense, unit = 3 }
            ]
            """);

    assertThat(file.problems())
        .containsExactly(
            "unknown key preprocess.layers[0].units in x.conf:3: a layer of type scale reads"
                + " divisor, type",
            "preprocess.layers[1].units in x.conf:4: is missing and has no default",
            "unknown key preprocess.layers[1].unit in x.conf:4: a layer of type dense reads"
                + " activation, bias, type, units; did you mean units?");
  }
}
