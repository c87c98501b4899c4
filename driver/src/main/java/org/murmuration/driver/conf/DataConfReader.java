package org.murmuration.driver.conf;

import static org.murmuration.driver.conf.Rule.AT_LEAST_ONE;
import static org.murmuration.driver.conf.Rule.BYTE;
import static org.murmuration.driver.conf.Rule.FRACTION_BELOW_ONE;
import static org.murmuration.driver.conf.Rule.NOT_NEGATIVE;
import static org.murmuration.driver.conf.Rule.POSITIVE;
import static org.murmuration.driver.conf.ValueTypes.bytes;
import static org.murmuration.driver.conf.ValueTypes.flag;
import static org.murmuration.driver.conf.ValueTypes.integer;
import static org.murmuration.driver.conf.ValueTypes.listOf;
import static org.murmuration.driver.conf.ValueTypes.number;
import static org.murmuration.driver.conf.ValueTypes.oneOf;
import static org.murmuration.driver.conf.ValueTypes.text;
import static org.murmuration.driver.conf.ValueTypes.wholeNumber;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.murmuration.driver.conf.DataConf.Source;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.Keeping;

/** Reads what a job says of its data: {@code data} and {@code preprocess}, save its layers. */
final class DataConfReader {
  private static final String SOURCE = "data.source";
  private static final String PATH = "data.path";
  private static final String TEST_PATH = "data.test-path";
  private static final String MASK_PATH = "data.mask-path";
  private static final String AUGMENT = "data.augment";
  private static final String COLORS = "data.image.colors";
  private static final String TEST_FRACTION = "preprocess.test-fraction";

  private static final Set<Source> DOWNLOADED = EnumSet.of(Source.CIFAR10);
  private static final Set<Source> WITH_COLUMNS = EnumSet.of(Source.LIST, Source.TABLE);
  private static final Set<Source> NAMING_CLASSES =
      EnumSet.of(
          Source.CIFAR10_SAMPLE, Source.CIFAR10, Source.CIFAR100, Source.PAIRS, Source.PREPARED);

  private final Section job;
  private final JobSettings settings;
  private final Problems problems;
  private final KeyReader keys;

  DataConfReader(Section job, JobSettings settings, Problems problems) {
    this.job = job;
    this.settings = settings;
    this.problems = problems;
    this.keys = new KeyReader(job, settings);
  }

  DataConf data() {
    Source source = job.read(SOURCE, oneOf(Source.class));
    boolean splits = !source.knowsItsSplits();
    boolean pairs = source == Source.PAIRS;
    boolean downloaded = DOWNLOADED.contains(source);
    Optional<String> path = readIf(source != Source.CIFAR10_SAMPLE, PATH, text().orNull());
    requireStated(path, source != Source.CIFAR10_SAMPLE && !downloaded, PATH);
    Optional<String> testPath = readIf(splits, TEST_PATH, text().orNull());
    Optional<String> maskPath = readIf(pairs, MASK_PATH, text().orNull());
    requireStated(maskPath, pairs, MASK_PATH);
    Optional<String> testMaskPath = readIf(pairs, "data.test-mask-path", text().orNull());
    requireStated(testMaskPath, pairs && testPath.isPresent(), "data.test-mask-path");
    DataConf.Image image = image(source != Source.PREPARED);
    AugmentConf augment = augment(image);
    return new DataConf(
        source,
        path,
        testPath,
        maskPath,
        testMaskPath,
        columns(source),
        readIf(!NAMING_CLASSES.contains(source), "data.classes", listOf(text()).orNull())
            .orElse(List.of()),
        image,
        augment,
        keeping(augment),
        new ImageLimits(
            job.read("data.limits.bytes", bytes(POSITIVE)),
            job.read("data.limits.pixels", wholeNumber().must(AT_LEAST_ONE.text(), n -> n > 0)),
            job.read("data.limits.side", integer(AT_LEAST_ONE))),
        job.read("data.max-bad", text().then(MaxBad.parse("0"), DataConfReader::maxBad)),
        readIf(downloaded, "data.cache", text()),
        readIf(downloaded, "data.download", flag()),
        job.read("data.memory-per-rank", bytes(POSITIVE)),
        job.read("data.reread-limit", bytes(NOT_NEGATIVE)));
  }

  private DataConf.Columns columns(Source source) {
    boolean used = WITH_COLUMNS.contains(source);
    return new DataConf.Columns(
        readIf(source == Source.TABLE, "data.columns.image", text()),
        readIf(used, "data.columns.label", text()),
        readIf(used, "data.columns.path", text()));
  }

  private DataConf.Image image(boolean used) {
    return new DataConf.Image(
        side(used, "data.image.width"),
        side(used, "data.image.height"),
        readIf(used, COLORS, oneOf(Colors.class)),
        readIf(used, "data.image.fit", oneOf(Fit.class)),
        readIf(used, "data.image.background", integer(BYTE)));
  }

  private AugmentConf augment(DataConf.Image image) {
    var augment = new AugmentConf(AugmentParser.reader(problems).read(job, AUGMENT));
    if (!augment.mixesLast()) {
      problems.add(
          "%s in %s: mixup or cutmix must be the last step, and only one of them, as they make one image of two that are finished"
              .formatted(AUGMENT, job.origin(AUGMENT)));
    }
    job.require(
        image.colors().isDecoded() || !augment.needsColours(),
        COLORS,
        AUGMENT,
        "rgb or gray, as a step of %s changes colours".formatted(AUGMENT));
    return augment;
  }

  /** Cropping at random is worth little on images that are small already. */
  private Keeping keeping(AugmentConf augment) {
    return job.read("data.keep", oneOf(Keeping.class).orWord("auto"))
        .orElse(augment.takesAnySize() ? Keeping.ENCODED : Keeping.PIXELS);
  }

  private OptionalInt side(boolean used, String key) {
    return readIf(used, key, integer(AT_LEAST_ONE).orNull())
        .map(OptionalInt::of)
        .orElseGet(OptionalInt::empty);
  }

  PreprocessConf preprocess(DataConf data) {
    double testFraction = job.read(TEST_FRACTION, number(FRACTION_BELOW_ONE));
    boolean hasTest = data.source().knowsItsSplits() || data.testPath().isPresent();
    if (hasTest
        && testFraction > 0
        && job.isSound(TEST_FRACTION)
        && settings.states(TEST_FRACTION)) {
      problems.add(
          "%s in %s: the data has test images of its own (%s); remove the one or the other"
              .formatted(
                  TEST_FRACTION,
                  job.origin(TEST_FRACTION),
                  data.testPath().isPresent() ? TEST_PATH : SOURCE));
    }
    return new PreprocessConf(
        job.read("preprocess.keep", oneOf(Keeping.class)),
        testFraction,
        job.read("preprocess.deduplicate", flag()),
        job.read("preprocess.seed", wholeNumber()),
        job.read("preprocess.parts", integer(AT_LEAST_ONE).orWord("auto"))
            .map(OptionalInt::of)
            .orElseGet(OptionalInt::empty));
  }

  private void requireStated(Optional<String> value, boolean needed, String key) {
    if (needed && value.isEmpty() && job.isSound(key) && job.isSound(SOURCE)) {
      problems.add(
          "%s in %s: is null, and must be set with %s = %s (%s)"
              .formatted(
                  key,
                  job.origin(key),
                  SOURCE,
                  settings.value(SOURCE).orElseThrow().unwrapped(),
                  job.origin(SOURCE)));
    }
  }

  private <T> T readIf(boolean used, String key, ValueType<T> type) {
    return keys.readIf(used, key, SOURCE, type);
  }

  private static Reading<MaxBad> maxBad(String text) {
    try {
      return Reading.of(MaxBad.parse(text));
    } catch (IllegalArgumentException againstTheRule) {
      return Reading.brokenRule(MaxBad.RULE);
    }
  }
}
