package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobConfProblemsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "train.epochs = \"ten\" | was \"ten\" (string), must be a whole number",
        "train.epochs = [1] | was [1] (list), must be a whole number",
        "train.epochs = { a = 1 } | was {\"a\":1} (object), must be a whole number",
        "train.epochs = null | was null, must be a whole number",
        "train.epochs = 1.5 | was 1.5, must be a whole number",
        "train.epochs = 0 | was 0, must be >= 1",
        "train.epochs = 3000000000 | was 3000000000, must be <= 2147483647",
        "train.seed = 1e30 | was 1e30, must be in [-9223372036854775808, 9223372036854775807]",
        "train.ranks = all | was \"all\" (string), must be auto or a number >= 1, or two as in 2..8, the first no larger",
        "train.ranks = 0 | was 0, must be auto or a number >= 1, or two as in 2..8, the first no larger",
        "train.ranks = 8..2 | was \"8..2\", must be auto or a number >= 1, or two as in 2..8, the first no larger",
        "train.optimizer.learning-rate = -0.1 | was -0.1, must be > 0",
        "train.optimizer.learning-rate = 1e999 | was 1e999, must be a number below 1.8e308",
        "train.optimizer.learning-rate = NaN | was \"NaN\" (string), must be a number",
        "train.optimizer.beta1 = 1 | was 1, must be in [0, 1)",
        "train.optimizer.weight-decay = -1 | was -1, must be >= 0",
        "data.source = cifar10-samples | was \"cifar10-samples\", must be one of cifar10-sample,"
            + " cifar10, cifar100, idx, folder, list, tar, table, sequence-file, dl4j, pairs,"
            + " prepared; did you mean cifar10-sample?",
        "data.max-bad = -1 | was -1, must be a count >= 0, or a share of all samples in"
            + " [0 %, 100 %], such as 0.1 %",
        "data.max-bad = 1.5 | was 1.5, must be a count >= 0, or a share of all samples in"
            + " [0 %, 100 %], such as 0.1 %",
        "data.max-bad = \"101 %\" | was \"101 %\", must be a count >= 0, or a share of all samples in"
            + " [0 %, 100 %], such as 0.1 %",
        "data.max-bad = few | was \"few\", must be a count >= 0, or a share of all samples in"
            + " [0 %, 100 %], such as 0.1 %",
        "data.image.background = 256 | was 256, must be in [0, 255]",
        "data.image.width = 0 | was 0, must be >= 1",
        "preprocess.test-fraction = 1 | was 1, must be in [0, 1)",
        "network.init = zero | was \"zero\", must be one of pytorch, xavier, he",
        "network.layers = null | was null, must be a list in [ ]",
        "network.zoo = \" \" | was \" \", must be text that is not blank",
        "averaging.peer-timeout = 20 | was 20 (number), must be a time with its unit, such as 20 s",
        "averaging.peer-timeout = 0 s | was \"0 s\", must be > 0",
        "averaging.peer-timeout = 2 moons | was \"2 moons\" (string), must be a time with its unit,"
            + " such as 20 s",
        "averaging.mtu = 1408 B | ''",
        "averaging.mtu = 32 | was 32, must be auto or a multiple of 32 in [64, 65504]",
        "averaging.mtu = 1500 | was 1500, must be auto or a multiple of 32 in [64, 65504]",
        "averaging.mtu = 65536 | was 65536, must be auto or a multiple of 32 in [64, 65504]",
        "data.memory-per-rank = much | was \"much\" (string), must be a size, such as 1 GiB",
        "data.memory-per-rank = 0 | was 0, must be > 0",
        "train.optimizer = adam | was \"adam\" (string), must be a section of keys in { }",
        "train = null | was null, must be a section of keys in { }",
      })
  void shouldNameTheKeyThePlaceTheValueAndTheRule(String line, String rest) {
    String key = line.substring(0, line.indexOf(' '));

    List<String> expected = rest.isEmpty() ? List.of() : List.of(key + " in x.conf:2: " + rest);
    assertThat(JobFile.in(folder, "\n" + line).problems()).isEqualTo(expected);
  }

  @Test
  void shouldRefuseAFlagThatIsNeitherTrueNorFalse() {
    assertThat(JobFile.in(folder, "data { source = cifar10\n download = maybe }").problems())
        .containsExactly(
            "data.download in x.conf:2: was \"maybe\" (string), must be true or false");
  }

  @ParameterizedTest
  @CsvSource({
    "train.bacth-size = 1, train.bacth-size, ; did you mean train.batch-size?",
    "optimizer.momentum = 1, optimizer.momentum, ; did you mean train.optimizer.momentum?",
    "trian { seed = 1 }, trian.seed, ; did you mean train.seed?",
    "spark.executor.cores = 1, spark.executor.cores, ''",
    "trains {}, trains, ''",
    "user.home = x, user.home, ''",
  })
  void shouldRefuseAnUnknownKey(String line, String key, String hint) {
    assertThat(JobFile.in(folder, "\n\n" + line).problems())
        .containsExactly("unknown key " + key + " in x.conf:3" + hint);
  }

  @Test
  void shouldRefuseAnUnknownKeyInAnOverride() {
    assertThat(JobFile.problemsOf(Optional.empty(), "train.epoch=3"))
        .containsExactly(
            "unknown key train.epoch in --set train.epoch=3; did you mean train.epochs?");
  }

  @Test
  void shouldNameTheOverrideThatIsWrong() {
    JobFile file = JobFile.in(folder, "train.epochs = 3");

    assertThat(file.problems("train.epochs=ten", "seed", "=1", "train..seed=1"))
        .containsExactly(
            "--set seed: must be key=value",
            "--set =1: must be key=value",
            "--set train..seed=1: train..seed is not a key",
            "train.epochs in --set train.epochs=ten: was \"ten\" (string), must be a whole number");
  }

  @Test
  void shouldReportAllProblemsInOneMessage() {
    JobFile file =
        JobFile.in(
            folder,
            """
            train {
              bacth-size = 8
              epochs = ten
              optimizer { learning-rate = -0.1, momentum = 0.9 }
            }
            network.layers = [
              { type = conv, kernel = 0 }
            ]
            """);

    assertThatThrownBy(() -> file.load("checkpoint.keep=0"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("\n");
    assertThat(file.problems("checkpoint.keep=0"))
        .containsExactlyInAnyOrder(
            "unknown key train.bacth-size in x.conf:2; did you mean train.batch-size?",
            "train.epochs in x.conf:3: was \"ten\" (string), must be a whole number",
            "train.optimizer.learning-rate in x.conf:4: was -0.1, must be > 0",
            "train.optimizer.momentum in x.conf:4: nothing reads it with train.optimizer.type ="
                + " adam (default); remove it, or --set train.optimizer.momentum=null",
            "network.layers[0].filters in x.conf:7: is missing and has no default",
            "network.layers[0].kernel in x.conf:7: was 0, must be >= 1",
            "checkpoint.keep in --set checkpoint.keep=0: was 0, must be >= 1");
  }

  @ParameterizedTest
  @CsvSource({
    "train.optimizer, sgd, momentum, 0.9",
    "train.optimizer, adamw, momentum, 0.9",
    "train.optimizer, nesterov, beta1, 0.9",
    "train.optimizer, sgd, beta2, 0.9",
    "train.optimizer, momentum, epsilon, 0.1",
    "train.schedule, cosine, step-every, 10",
    "train.schedule, constant, gamma, 0.5",
    "train.schedule, step, final-fraction, 0.5",
  })
  void shouldRefuseAKeyThatTheChosenTypeDoesNotRead(
      String section, String type, String key, String value) {
    String text = "%s {\n  type = %s\n  %s = %s\n}".formatted(section, type, key, value);

    assertThat(JobFile.in(folder, text).problems())
        .containsExactly(
            "%1$s.%3$s in x.conf:3: nothing reads it with %1$s.type = %2$s (x.conf:2); remove it, or --set %1$s.%3$s=null"
                .formatted(section, type, key));
  }

  @Test
  void shouldRefuseAStatedDefaultThatNothingReads() {
    assertThat(JobFile.problemsOf(Optional.empty(), "train.optimizer.momentum=0.9")).hasSize(1);
  }

  @Test
  void shouldRefuseAPathForTheEmbeddedSample() {
    assertThat(JobFile.in(folder, "data.path = /x").problems())
        .containsExactly(
            "data.path in x.conf:1: nothing reads it with data.source = cifar10-sample (default);"
                + " remove it, or --set data.path=null");
  }

  @Test
  void shouldNotGuessWhatAnUnknownTypeReads() {
    assertThat(JobFile.in(folder, "train.optimizer { type = adma, momentum = 0.9 }").problems())
        .containsExactly(
            "train.optimizer.type in x.conf:1: was \"adma\", must be one of sgd, momentum,"
                + " nesterov, adam, adamw, lars, lamb; did you mean adam?");
  }

  @Test
  void shouldRefuseTwoNetworks() {
    JobFile file = JobFile.in(folder, "network.zoo = lenet\nnetwork.layers = []");

    assertThat(file.problems())
        .containsExactly(
            "network.layers in x.conf:2: network.zoo in x.conf:1 names a network as well; keep"
                + " one, or --set network.zoo=null");
    assertThat(file.problems("network.zoo=null")).isEmpty();
    assertThat(file.problems("network.layers=null")).isEmpty();
  }

  @Test
  void shouldRefuseMoreRanksThanImagesInABatch() {
    JobFile file = JobFile.in(folder, "train.batch-size = 4");

    assertThat(file.problems("train.ranks=5"))
        .containsExactly(
            "train.ranks in --set train.ranks=5: was 5, must be <= train.batch-size (4,"
                + " x.conf:1), as every rank takes part in every step");
    assertThat(file.problems("train.ranks=4")).isEmpty();
  }

  @Test
  void shouldNameTheLineOfASyntaxError() {
    assertThat(JobFile.in(folder, "train {\n  epochs = 3\n  seed = ]\n}").problems())
        .singleElement()
        .asString()
        .startsWith("x.conf:3: not valid HOCON: ")
        .contains("]");
  }

  @Test
  void shouldNameTheLineOfASubstitutionWithoutValue() {
    assertThat(JobFile.in(folder, "train {\n  epochs = ${no.such.key}\n}").problems())
        .singleElement()
        .asString()
        .startsWith("x.conf:2: ")
        .contains("${no.such.key}");
  }

  @Test
  void shouldNameAMissingJobFile() {
    Path missing = folder.resolve("none.conf");

    assertThat(JobFile.problemsOf(Optional.of(missing)))
        .singleElement()
        .asString()
        .contains(missing.toString(), "does not exist");
    assertThat(JobFile.problemsOf(Optional.of(folder)))
        .singleElement()
        .asString()
        .contains(folder.toString(), "is not a file");
  }

  @ParameterizedTest
  @CsvSource({"include \"none.conf\"", "include file(\"none.conf\")"})
  void shouldRefuseAMissingInclude(String include) {
    assertThat(JobFile.in(folder, include).problems())
        .singleElement()
        .asString()
        .startsWith("job file x.conf includes a file that cannot be read: ")
        .contains("none.conf");
  }

  @Test
  void shouldLookIntoASectionThatAppendsToASubstitution() {
    JobFile file =
        JobFile.in(folder, "train = ${train} {\n  epochs = 0\n  gama = 1\n  seed = 3\n}");

    assertThat(file.problems())
        .containsExactlyInAnyOrder(
            "train.epochs in x.conf:2: was 0, must be >= 1",
            "unknown key train.gama in x.conf:3; did you mean train.schedule.gamma?");
  }

  @Test
  void shouldRefuseWhatContradictsTheSource() {
    assertThat(JobFile.problemsOf(Optional.empty(), "data.source=folder"))
        .containsExactly(
            "data.path in default: is null, and must be set with data.source = folder"
                + " (--set data.source=folder)");
    assertThat(JobFile.problemsOf(Optional.empty(), "data.source=pairs", "data.path=p"))
        .anyMatch(problem -> problem.startsWith("data.mask-path in default: is null, and must be"));
    assertThat(
            JobFile.problemsOf(
                Optional.empty(),
                "data.source=folder",
                "data.path=p",
                "data.test-path=t",
                "preprocess.test-fraction=0.1"))
        .anyMatch(problem -> problem.contains("the data has test images of its own"));
  }

  @Test
  void shouldRefuseAugmentationsThatMakeNoSense() {
    assertThat(
            JobFile.problemsOf(
                Optional.empty(),
                "data.augment=[{ type = mixup, alpha = 1 }, { type = cutout, size = 2 }]"))
        .anyMatch(problem -> problem.contains("mixup or cutmix must be the last step"));
    assertThat(
            JobFile.problemsOf(
                Optional.empty(),
                "data.augment=[{ type = rand-augment }]",
                "data.image.colors=hsv"))
        .anyMatch(problem -> problem.contains("was \"hsv\", must be rgb or gray"));
    assertThat(
            JobFile.problemsOf(
                Optional.empty(),
                "data.augment=[{ type = random-resized-crop, min-area = 0.5, max-area = 0.2 }]"))
        .anyMatch(problem -> problem.contains("must be <= max-area (0.2)"));
    assertThat(
            JobFile.problemsOf(
                Optional.empty(), "data.augment=[{ type = cutout, sise = 2, size = 1 }]"))
        .anyMatch(
            problem ->
                problem.contains("a step of type cutout reads size, type; did you mean size?"));
  }
}
