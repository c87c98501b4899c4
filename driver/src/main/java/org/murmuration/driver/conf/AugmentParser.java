package org.murmuration.driver.conf;

import static org.murmuration.driver.conf.Rule.AT_LEAST_ONE;
import static org.murmuration.driver.conf.Rule.FRACTION;
import static org.murmuration.driver.conf.Rule.FRACTION_ABOVE_ZERO;
import static org.murmuration.driver.conf.Rule.NOT_NEGATIVE;
import static org.murmuration.driver.conf.Rule.POSITIVE;
import static org.murmuration.driver.conf.ValueTypes.integer;
import static org.murmuration.driver.conf.ValueTypes.number;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.murmuration.driver.conf.AugmentConf.Step;
import org.murmuration.worker.data.augment.ColorJitter;
import org.murmuration.worker.data.augment.CutMix;
import org.murmuration.worker.data.augment.Cutout;
import org.murmuration.worker.data.augment.Flip;
import org.murmuration.worker.data.augment.Mixup;
import org.murmuration.worker.data.augment.PadAndCrop;
import org.murmuration.worker.data.augment.RandAugment;
import org.murmuration.worker.data.augment.RandomResizedCrop;
import org.murmuration.worker.data.augment.Rotation;

/** The types of augmentations, each of which reads its own keys. */
final class AugmentParser {
  private static final Rule HALF_TURN = new Rule("in (0, 180]", x -> x > 0 && x <= 180);
  private static final Rule HALF = new Rule("in [0, 0.5]", x -> x >= 0 && x <= 0.5);
  private static final Rule MAGNITUDE = new Rule("in [0, 10]", x -> x >= 0 && x <= 10);

  private static final SortedMap<String, Function<Section, Step>> TYPES =
      new TreeMap<>(
          Map.of(
              "color-jitter", AugmentParser::colorJitter,
              "cutmix", step -> Step.of(new CutMix(alpha(step))),
              "cutout", step -> Step.of(new Cutout(step.read("size", integer(AT_LEAST_ONE)))),
              "flip-horizontal", step -> Step.of(new Flip(true, probability(step))),
              "flip-vertical", step -> Step.of(new Flip(false, probability(step))),
              "mixup", step -> Step.of(new Mixup(alpha(step))),
              "pad-and-crop",
                  step -> Step.of(new PadAndCrop(step.read("padding", integer(AT_LEAST_ONE)))),
              "rand-augment", AugmentParser::randAugment,
              "random-resized-crop", AugmentParser::randomResizedCrop,
              "rotation", step -> Step.of(new Rotation(step.read("degrees", number(HALF_TURN))))));

  private AugmentParser() {}

  /** A reader of augmentations. */
  static TypedList<Step> reader(Problems problems) {
    return new TypedList<>("step", "{ type = flip-horizontal }", TYPES, problems);
  }

  private static double alpha(Section step) {
    return step.read("alpha", number(POSITIVE));
  }

  private static double probability(Section step) {
    return step.read("probability", number(FRACTION), 0.5);
  }

  private static Step colorJitter(Section step) {
    return Step.of(
        new ColorJitter(
            step.read("brightness", number(NOT_NEGATIVE), 0),
            step.read("contrast", number(NOT_NEGATIVE), 0),
            step.read("saturation", number(NOT_NEGATIVE), 0),
            step.read("hue", number(HALF), 0)));
  }

  private static Step randAugment(Section step) {
    return Step.of(
        new RandAugment(
            step.read("operations", integer(AT_LEAST_ONE), 2),
            step.read("magnitude", number(MAGNITUDE), 9)));
  }

  private static Step randomResizedCrop(Section step) {
    double minArea = step.read("min-area", number(FRACTION_ABOVE_ZERO), 0.08);
    double maxArea = step.read("max-area", number(FRACTION_ABOVE_ZERO), 1);
    double minAspect = step.read("min-aspect", number(POSITIVE), 0.75);
    double maxAspect = step.read("max-aspect", number(POSITIVE), 4.0 / 3);
    step.require(minArea <= maxArea, "min-area", "max-area", "<= max-area (%s)".formatted(maxArea));
    step.require(
        minAspect <= maxAspect,
        "min-aspect",
        "max-aspect",
        "<= max-aspect (%s)".formatted(maxAspect));
    return Step.of(
        new RandomResizedCrop(
            Math.min(minArea, maxArea), maxArea, Math.min(minAspect, maxAspect), maxAspect));
  }
}
