package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.augment.CutMix;
import org.murmuration.worker.data.augment.Flip;
import org.murmuration.worker.data.augment.PadAndCrop;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.model.PixelNorm;
import org.murmuration.worker.model.ScheduleSpec;
import org.murmuration.worker.model.ScheduleSpec.Shape;
import org.murmuration.worker.training.BestPlan;
import org.murmuration.worker.training.CheckpointPlan;
import org.murmuration.worker.training.NumbersPlan;
import org.murmuration.worker.transport.PortRange;
import org.murmuration.worker.transport.Security;

class JobConfTest {
  @TempDir private Path folder;

  @Test
  void shouldTrainOnTheEmbeddedSampleByDefault() {
    JobConf conf = JobConf.load(Optional.empty(), List.of());

    assertThat(conf.name()).isEqualTo("cifar10-sample");
    assertThat(conf.data())
        .isEqualTo(
            new DataConf(
                DataConf.Source.CIFAR10_SAMPLE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new DataConf.Columns("image", "label", "path"),
                List.of(),
                new DataConf.Image(
                    OptionalInt.empty(), OptionalInt.empty(), Colors.RGB, Fit.CROP, 255),
                new AugmentConf(List.of()),
                Keeping.PIXELS,
                ImageLimits.DEFAULT,
                new MaxBad(new BigDecimal("0.1"), true),
                System.getProperty("user.home") + "/.cache/murmuration",
                true,
                512L << 20,
                1L << 30));
    assertThat(conf.preprocess())
        .isEqualTo(new PreprocessConf(Keeping.PIXELS, 0, true, 42, OptionalInt.empty()));
    assertThat(conf.train().ranks()).isEqualTo(RankRange.AUTO);
    assertThat(conf.train().seed()).isEqualTo(42);
    assertThat(conf.train().reshuffleEvery()).isEmpty();
    assertThat(conf.train().computation().accumulate()).isEqualTo(1);
    assertThat(conf.train().labelSmoothing()).isZero();
    assertThat(conf.train().clipNorm()).isZero();
    assertThat(conf.train().best()).isEqualTo(BestPlan.defaults());
    assertThat(conf.network().of(7, PixelNorm.ANY).classes()).isEqualTo(7);
    assertThat(conf.network().preprocessing()).hasSize(2);
    assertThat(conf.network().layers()).hasSize(6);
    assertThat(conf.optimizer().kind()).isEqualTo(Kind.ADAM);
    assertThat(conf.checkpoint())
        .isEqualTo(
            new CheckpointConf(
                new CheckpointPlan(1, 0, Duration.ofMinutes(10)), 2, Duration.ofSeconds(20)));
    assertThat(conf.train().numbers()).isEqualTo(new NumbersPlan(NumbersPlan.OnNan.STOP, 10, 0));
    assertThat(conf.train().regrowAfter()).isEqualTo(Duration.ofMinutes(1));
    assertThat(conf.averaging())
        .isEqualTo(
            new AveragingConf(
                Algorithm.AUTO,
                4 << 20,
                Wire.FP32,
                0.001,
                1,
                new AveragingConf.Outer(1, 0),
                Security.AUTHENTICATE,
                PortRange.ANY,
                Optional.empty(),
                OptionalInt.empty(),
                Duration.ofSeconds(20),
                OptionalInt.empty(),
                Optional.empty()));
    assertThat(conf.cluster()).isEqualTo(new ClusterConf(Duration.ofMinutes(1)));
    assertThat(conf.evaluate()).isEqualTo(new EvaluateConf(500));
  }

  @Test
  void shouldReadEveryKindOfValue() {
    JobConf conf =
        JobFile.in(
                folder,
                """
                job.name = 2024
                data { source = cifar10, path = "hdfs:///cifar10", download = false }
                data { cache = ${user.home}/cache, memory-per-rank = 64 KiB }
                data.reread-limit = 0
                train { ranks = 3, seed = -9223372036854775808, epochs = 2.0 }
                train { reshuffle-every = 7, accumulate = 4, label-smoothing = 0.1, clip-norm = 2 }
                train { best-by = loss, keep-best = true, patience = 3 }
                train.schedule { type = one-cycle, warmup-steps = 5, final-fraction = 0.25 }
                averaging { mtu = 8 KiB, peer-timeout = 1500 ms, directory = /dev/shm }
                averaging { algorithm = recursive-doubling, bucket = 64 KiB }
                averaging { wire = threshold, sparsity = 0.5, every = 100 }
                averaging.outer { learning-rate = 0.7, momentum = 0.9 }
                averaging { security = encrypt, ports = 40100-40199 }
                averaging { interface = 10.1.0.0/16, window = 512 MiB }
                """)
            .load();

    assertThat(conf.name()).isEqualTo("2024");
    assertThat(conf.data().source()).isEqualTo(DataConf.Source.CIFAR10);
    assertThat(conf.data().path()).hasValue("hdfs:///cifar10");
    assertThat(conf.data().cache()).isEqualTo(System.getProperty("user.home") + "/cache");
    assertThat(conf.data().download()).isFalse();
    assertThat(conf.data().memoryPerRankBytes()).isEqualTo(65536);
    assertThat(conf.data().rereadLimitBytes()).isZero();
    assertThat(conf.train().reshuffleEvery()).hasValue(7);
    assertThat(conf.train().computation().accumulate()).isEqualTo(4);
    assertThat(conf.train().labelSmoothing()).isEqualTo(0.1);
    assertThat(conf.train().clipNorm()).isEqualTo(2);
    assertThat(conf.train().best()).isEqualTo(new BestPlan(BestPlan.Metric.LOSS, 3, true));
    assertThat(conf.train().ranks()).isEqualTo(RankRange.of(3));
    assertThat(conf.train().seed()).isEqualTo(Long.MIN_VALUE);
    assertThat(conf.train().epochs()).isEqualTo(2);
    assertThat(conf.optimizer().schedule())
        .isEqualTo(new ScheduleSpec(Shape.ONE_CYCLE, 5, 1000, 0.1, 0.25));
    assertThat(conf.averaging())
        .isEqualTo(
            new AveragingConf(
                Algorithm.RECURSIVE_DOUBLING,
                65536,
                Wire.THRESHOLD,
                0.5,
                100,
                new AveragingConf.Outer(0.7, 0.9),
                Security.ENCRYPT,
                new PortRange(40100, 40199),
                Optional.of("10.1.0.0/16"),
                OptionalInt.of(536870912),
                Duration.ofMillis(1500),
                OptionalInt.of(8192),
                Optional.of("/dev/shm")));
  }

  @Test
  void shouldTakeANumberFromText() {
    assertThat(JobFile.in(folder, "train.epochs = \"7\"").load().train().epochs()).isEqualTo(7);
  }

  @Test
  void shouldReplaceTheNetworkByOneOfTheZoo() {
    JobConf conf = JobFile.in(folder, "network.zoo = lenet").load();

    assertThat(conf.network().zoo()).contains("lenet");
    assertThat(conf.network().layers()).isEmpty();
    assertThat(conf.render()).contains("network.zoo = lenet").doesNotContain("network.layers");
  }

  @Test
  void shouldAppendToADefaultAndToAnIncludedFile() throws IOException {
    Files.writeString(folder.resolve("base.conf"), "train.epochs = 3");
    JobConf conf =
        JobFile.in(
                folder,
                """
                include "base.conf"
                network.layers = ${network.layers} [ { type = dropout, probability = 0.5 } ]
                evaluate.batch-size = ${train.batch-size}
                """)
            .load();

    assertThat(conf.train().epochs()).isEqualTo(3);
    assertThat(conf.network().layers()).hasSize(7);
    assertThat(conf.evaluate().batchSize()).isEqualTo(conf.train().batchSize());
    assertThat(conf.render())
        .containsPattern("train.epochs = 3  # .*/base.conf:1\n")
        .containsPattern("evaluate.batch-size = 50  # .*/x.conf:3\n")
        .containsPattern("network.layers = \\[  # .*/x.conf:2\n");
  }

  @Test
  void shouldPreferOverridesToTheJobFileAndTheLastToTheFirst() {
    JobConf conf =
        JobFile.in(folder, "train { epochs = 3, seed = 1 }")
            .load("train.epochs=4", "train.epochs = 5", "train.schedule={type=cosine}");

    assertThat(conf.train().epochs()).isEqualTo(5);
    assertThat(conf.train().seed()).isEqualTo(1);
    assertThat(conf.optimizer().schedule().shape()).isEqualTo(Shape.COSINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../shared/x.tar.gz",
        "s3a://bucket/key",
        "file:///data/a b",
        "/data//double",
        "/data/a#b",
        "a=b,c",
        "C:\\data",
        "$HOME/x",
        "[broken",
        "data[1]",
        "10.5.x"
      })
  void shouldTakeAPathInAnOverrideAsItStands(String path) {
    JobConf conf =
        JobConf.load(Optional.empty(), List.of("data.source=cifar10", "data.path=" + path));

    assertThat(conf.data().path()).contains(path);
  }

  @Test
  void shouldReadQuotedAndSubstitutedOverrides() {
    JobConf conf =
        JobConf.load(
            Optional.empty(),
            List.of(
                "data.source=cifar10",
                "data.path=\"a # b\"",
                "data.cache=${user.home}/c",
                "averaging.mtu=1 KiB",
                "train.epochs=${train.batch-size}"));

    assertThat(conf.data().path()).contains("a # b");
    assertThat(conf.data().cache()).isEqualTo(System.getProperty("user.home") + "/c");
    assertThat(conf.averaging().mtuBytes()).hasValue(1024);
    assertThat(conf.train().epochs()).isEqualTo(conf.train().batchSize());
  }

  @Test
  void shouldTakeBackByNullWhatTheJobFileStates() {
    JobConf conf =
        JobFile.in(folder, "train.optimizer { type = momentum, momentum = 0.8 }")
            .load("train.optimizer.type=adam", "train.optimizer.momentum=null");

    assertThat(conf.optimizer().kind()).isEqualTo(Kind.ADAM);
  }

  @Test
  void shouldSayWhereEverySettingCameFrom() {
    String text = JobFile.in(folder, "train {\n  epochs = 3\n}").load("train.seed=7").render();

    assertThat(text.lines())
        .filteredOn(line -> line.startsWith("train."))
        .contains("train.batch-size = 50  # default", "train.seed = 7  # --set train.seed=7")
        .contains("train.epochs = 3  # " + folder.resolve("x.conf") + ":2")
        .isSorted();
  }

  @Test
  void shouldLoadWhatItRenders() {
    JobConf conf =
        JobConf.load(
            Optional.empty(),
            List.of(
                "job.name=a # \"quoted\" name",
                "train.optimizer={type=nesterov, momentum=0.7}",
                "train.schedule={type=step, gamma=1e-3}",
                "network.layers=[{type=conv, filters=2, kernel=3, padding=same}]",
                "averaging={wire=threshold, every=8, outer.momentum=0.9, ports=40100-40199}",
                "averaging.interface=fd00::/64",
                "averaging.peer-timeout=3 s"));

    JobConf again = JobFile.in(folder, conf.render()).load();

    assertThat(again).usingRecursiveComparison().ignoringFields("effective").isEqualTo(conf);
    assertThat(again.toMap()).isEqualTo(conf.toMap());
  }

  @Test
  void shouldGiveNestedMapsForAReport() {
    JobConf conf =
        JobConf.load(
            Optional.empty(),
            List.of("data.source=cifar10", "network.layers=[{type=dense, units=5}]"));

    assertThat(conf.toMap().get("train"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .contains(entry("epochs", 15), entry("ranks", "auto"))
        .containsEntry(
            "schedule", Map.of("type", "constant", "warmup-steps", 0, "warmup-epochs", "auto"));
    assertThat(conf.toMap().get("data"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry("path", null)
        .containsEntry("memory-per-rank", "512 MiB");
    assertThat(conf.toMap().get("network"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry(
            "layers",
            List.of(Map.of("type", "dense", "units", 5, "bias", true, "activation", "identity")));
  }

  @Test
  void shouldReadWhatIsSaidOfPhotosInFolders() {
    JobConf conf =
        JobFile.in(
                folder,
                """
                data { source = folder, path = "photos/*/train", test-path = photos/test }
                data { classes = [cat, dog], max-bad = 25, memory-per-rank = 1 GiB }
                data.image { width = 224, height = 192, colors = ycrcb, fit = pad, background = 0 }
                data.limits { bytes = 1 MiB, pixels = 1000, side = 100 }
                preprocess { keep = encoded, deduplicate = false, seed = 7, parts = 3 }
                """)
            .load();

    assertThat(conf.data().path()).hasValue("photos/*/train");
    assertThat(conf.data().testPath()).hasValue("photos/test");
    assertThat(conf.data().classes()).containsExactly("cat", "dog");
    assertThat(conf.data().maxBad().of(1_000_000)).isEqualTo(25);
    assertThat(conf.data().image())
        .isEqualTo(
            new DataConf.Image(OptionalInt.of(224), OptionalInt.of(192), Colors.YCRCB, Fit.PAD, 0));
    assertThat(conf.data().limits()).isEqualTo(new ImageLimits(1 << 20, 1000, 100));
    assertThat(conf.preprocess())
        .isEqualTo(new PreprocessConf(Keeping.ENCODED, 0, false, 7, OptionalInt.of(3)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.1 %, 10000, 10",
    "0.1 %, 9999, 9",
    "100 %, 7, 7",
    "0, 100, 0",
    "3, 2, 3",
    "5%, 40, 2"
  })
  void shouldAllowAShareOrACountOfBadSamples(String stated, long samples, long allowed) {
    JobConf conf = JobConf.load(Optional.empty(), List.of("data.max-bad=\"" + stated + "\""));

    assertThat(conf.data().maxBad().of(samples)).isEqualTo(allowed);
  }

  @Test
  void shouldReadAugmentationsInTheirOrder() {
    JobConf conf =
        JobConf.load(
            Optional.empty(),
            List.of(
                "data.augment=[{ type = pad-and-crop, padding = 4 }, { type = flip-horizontal },"
                    + " { type = cutmix, alpha = 1 }]"));

    assertThat(conf.data().augment().augmenter(9))
        .isEqualTo(
            new Augmenter(
                List.of(new PadAndCrop(4), new Flip(true, 0.5)), List.of(new CutMix(1)), 9));
    assertThat(conf.data().keeping()).isEqualTo(Keeping.PIXELS);
  }

  @Test
  void shouldKeepFilesForCropsAtRandomUnlessToldOtherwise() {
    String crops = "data.augment=[{ type = random-resized-crop }]";

    assertThat(JobConf.load(Optional.empty(), List.of(crops)).data().keeping())
        .isEqualTo(Keeping.ENCODED);
    assertThat(JobConf.load(Optional.empty(), List.of(crops, "data.keep=pixels")).data().keeping())
        .isEqualTo(Keeping.PIXELS);
  }
}
