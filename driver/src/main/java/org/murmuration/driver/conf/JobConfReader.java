package org.murmuration.driver.conf;

import static org.murmuration.driver.conf.Rule.AT_LEAST_ONE;
import static org.murmuration.driver.conf.Rule.AT_LEAST_TWO;
import static org.murmuration.driver.conf.Rule.FRACTION;
import static org.murmuration.driver.conf.Rule.FRACTION_ABOVE_ZERO;
import static org.murmuration.driver.conf.Rule.FRACTION_BELOW_ONE;
import static org.murmuration.driver.conf.Rule.FRACTION_OPEN;
import static org.murmuration.driver.conf.Rule.NOT_NEGATIVE;
import static org.murmuration.driver.conf.Rule.POSITIVE;
import static org.murmuration.driver.conf.ValueTypes.bytes;
import static org.murmuration.driver.conf.ValueTypes.duration;
import static org.murmuration.driver.conf.ValueTypes.flag;
import static org.murmuration.driver.conf.ValueTypes.integer;
import static org.murmuration.driver.conf.ValueTypes.number;
import static org.murmuration.driver.conf.ValueTypes.oneOf;
import static org.murmuration.driver.conf.ValueTypes.text;
import static org.murmuration.driver.conf.ValueTypes.wholeNumber;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.data.Feed;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.model.ScheduleSpec;
import org.murmuration.worker.model.ScheduleSpec.Shape;
import org.murmuration.worker.training.BestPlan;
import org.murmuration.worker.training.CheckpointPlan;
import org.murmuration.worker.training.FeedbackPlan;
import org.murmuration.worker.training.NumbersPlan;
import org.murmuration.worker.transport.NetworkAddress;
import org.murmuration.worker.transport.PortRange;
import org.murmuration.worker.transport.Security;

/** Turns settings into records, and checks what no single value shows: contradictions. */
final class JobConfReader {
  private static final String ZOO = "network.zoo";
  private static final String LAYERS = "network.layers";
  private static final String RANKS = "train.ranks";
  private static final String BATCH_SIZE = "train.batch-size";
  private static final String BATCH_PER_RANK = "train.batch-per-rank";
  private static final String RATE_FOR = "train.optimizer.learning-rate-for";
  private static final String ORDER = "train.feed.order";
  private static final String WARMUP_STEPS = "train.schedule.warmup-steps";
  private static final String WARMUP_EPOCHS = "train.schedule.warmup-epochs";
  private static final String OPTIMIZER_TYPE = "train.optimizer.type";
  private static final String SCHEDULE_TYPE = "train.schedule.type";
  private static final String THREADS = "train.threads-per-rank";
  private static final String REPLICAS = "train.replicas-per-rank";
  private static final String WIRE = "averaging.wire";
  private static final String EVERY = "averaging.every";
  private static final String AUTO = "auto";
  private static final String NONE = "none";
  private static final String NEVER = "never";
  private static final String ON_NAN = "train.on-nan";

  /** Goyal et al. 2017. */
  private static final double WARMUP_EPOCHS_OF_SCALED_RATES = 5;

  private static final double MOST_WARMUP = 0.1;

  private static final Set<Kind> WITH_MOMENTUM = Set.of(Kind.MOMENTUM, Kind.NESTEROV, Kind.LARS);
  private static final Set<Kind> ADAM_FAMILY = Set.of(Kind.ADAM, Kind.ADAMW, Kind.LAMB);
  private static final Set<Shape> STEPPED = Set.of(Shape.STEP);
  private static final Set<Shape> FALLING = Set.of(Shape.COSINE, Shape.ONE_CYCLE);

  private final JobSettings settings;
  private final Problems problems;
  private final Section job;
  private final KeyReader keys;
  private final TypedList<LayerSpec> layerParser;

  JobConfReader(JobSettings settings, Problems problems) {
    this.settings = settings;
    this.problems = problems;
    this.job = new Section("", settings, problems);
    this.keys = new KeyReader(job, settings);
    this.layerParser = LayerParser.reader(problems);
  }

  /** The records; of use only if this added no problem. */
  JobConf read() {
    String name = job.read("job.name", text());
    var dataReader = new DataConfReader(job, settings, problems);
    DataConf data = dataReader.data();
    PreprocessConf preprocess = dataReader.preprocess(data);
    NetworkConf network = network();
    OptimizerSpec optimizer = optimizer();
    AveragingConf averaging = averaging();
    TrainConf train = train(optimizer.schedule().shape(), averaging.every());
    FeedConf feed = feed();
    CheckpointConf checkpoint = checkpoint();
    ClusterConf cluster = new ClusterConf(job.read("cluster.slots-timeout", duration()));
    EvaluateConf evaluate = new EvaluateConf(job.read("evaluate.batch-size", count()));
    EffectiveSettings effective = EffectiveSettings.of(job);
    return new JobConf(
        name,
        data,
        preprocess,
        network,
        train,
        feed,
        optimizer.times(train.rateFactor()),
        checkpoint,
        averaging,
        cluster,
        evaluate,
        effective);
  }

  private NetworkConf network() {
    List<LayerSpec> preprocessing = layerParser.read(job, "preprocess.layers");
    Optional<String> zoo = job.read(ZOO, text().orNull());
    NetworkSpec.Init init = job.read("network.init", oneOf(NetworkSpec.Init.class));
    if (zoo.isEmpty()) {
      return new NetworkConf(preprocessing, zoo, layerParser.read(job, LAYERS), init);
    }
    if (settings.states(LAYERS)) {
      problems.add(
          "%s in %s: %s in %s names a network as well; keep one, or --set %s=null"
              .formatted(LAYERS, job.origin(LAYERS), ZOO, job.origin(ZOO), ZOO));
    }
    return new NetworkConf(preprocessing, zoo, List.of(), init);
  }

  private TrainConf train(Shape schedule, int averagingEvery) {
    RankRange ranks = job.read(RANKS, ranks().orWord(AUTO)).orElse(RankRange.AUTO);
    int batchSize = batchSize(ranks);
    int epochs = job.read("train.epochs", count());
    double rateFactor =
        job.read(RATE_FOR, count().orWord(NONE))
            .map(meant -> (double) batchSize / meant)
            .orElse(1.0);
    return new TrainConf(
        ranks,
        batchSize,
        epochs,
        job.read("train.seed", wholeNumber()),
        computation(),
        toOptionalInt(job.read("train.reshuffle-every", count().orWord(NEVER))),
        job.read("train.label-smoothing", number(FRACTION_BELOW_ONE)),
        job.read("train.clip-norm", number(POSITIVE).orWord(NONE)).orElse(0.0),
        averageDecay(averagingEvery),
        rateFactor,
        warmupEpochs(epochs, rateFactor > 1 && schedule != Shape.ONE_CYCLE),
        best(),
        job.read("train.suspects", number(FRACTION_BELOW_ONE)),
        job.read("train.evaluate-every", count()),
        numbers(averagingEvery),
        job.read("train.max-failures", integer(NOT_NEGATIVE)),
        job.read("train.regrow-after", duration()));
  }

  private NumbersPlan numbers(int averagingEvery) {
    NumbersPlan.OnNan onNan = job.read(ON_NAN, oneOf(NumbersPlan.OnNan.class));
    if (onNan == NumbersPlan.OnNan.ROLLBACK && averagingEvery > 1) {
      problems.add(
          "%s in %s: with %s > 1 (%s) ranks find out about bad numbers each for itself, and can't go back together; take skip or stop"
              .formatted(ON_NAN, job.origin(ON_NAN), EVERY, job.origin(EVERY)));
    }
    boolean goesOn = onNan != NumbersPlan.OnNan.STOP;
    return new NumbersPlan(
        onNan,
        readIf(goesOn, "train.max-left-out", ON_NAN, count()),
        job.read("train.loss-spike", number(POSITIVE).orWord(NONE)).orElse(0.0));
  }

  private static ValueType<RankRange> ranks() {
    return text().then(RankRange.of(1), RankRange::parse);
  }

  /** The sum over all ranks. */
  private int batchSize(RankRange ranks) {
    Optional<Integer> each = job.read(BATCH_PER_RANK, count().orWord(NONE));
    if (each.isPresent()) {
      settings.refuseIfStated(BATCH_SIZE, BATCH_PER_RANK);
      job.require(
          ranks.fixed().isPresent(),
          RANKS,
          BATCH_PER_RANK,
          "a number with %s (%d, %s), as the number of images per step follows from it"
              .formatted(BATCH_PER_RANK, each.get(), job.origin(BATCH_PER_RANK)));
      return each.get() * ranks.fixed().orElse(1);
    }
    int batchSize = job.read(BATCH_SIZE, count());
    job.require(
        ranks.most().orElse(1) <= batchSize,
        RANKS,
        BATCH_SIZE,
        "<= %s (%d, %s), as every rank takes part in every step"
            .formatted(BATCH_SIZE, batchSize, job.origin(BATCH_SIZE)));
    return batchSize;
  }

  private double averageDecay(int averagingEvery) {
    double decay =
        job.read("train.average-weights", number(FRACTION_OPEN).orWord(NONE)).orElse(0.0);
    if (decay > 0 && averagingEvery > 1) {
      problems.add(
          "train.average-weights in %s: with %s > 1 (%s) ranks have weights of their own; remove one"
              .formatted(job.origin("train.average-weights"), EVERY, job.origin(EVERY)));
    }
    return decay;
  }

  /**
   * @param raised whether the learning rate is higher than what was tried, and rises in no other
   *     way
   */
  private double warmupEpochs(int epochs, boolean raised) {
    Optional<Double> stated = job.read(WARMUP_EPOCHS, number(NOT_NEGATIVE).orWord(AUTO));
    if (stated.orElse(0.0) > 0 && settings.states(WARMUP_STEPS)) {
      problems.add(
          "%s in %s: %s in %s says it as well; keep one"
              .formatted(
                  WARMUP_EPOCHS,
                  job.origin(WARMUP_EPOCHS),
                  WARMUP_STEPS,
                  job.origin(WARMUP_STEPS)));
    }
    boolean needed = raised && !settings.states(WARMUP_STEPS);
    return stated.orElse(
        needed ? Math.min(WARMUP_EPOCHS_OF_SCALED_RATES, MOST_WARMUP * epochs) : 0);
  }

  private BestPlan best() {
    return new BestPlan(
        job.read("train.best-by", oneOf(BestPlan.Metric.class)),
        job.read("train.patience", count().orWord(NONE)).orElse(0),
        job.read("train.keep-best", flag()));
  }

  private ComputationSettings computation() {
    int threads = job.read(THREADS, count());
    Optional<Integer> replicas = job.read(REPLICAS, count().orWord(AUTO));
    job.require(
        replicas.orElse(1) <= threads,
        REPLICAS,
        THREADS,
        "<= %s (%d, %s), as every replica needs a thread"
            .formatted(THREADS, threads, job.origin(THREADS)));
    return ComputationSettings.of(
        job.read("train.precision", oneOf(Precision.class)),
        threads,
        toOptionalInt(replicas.filter(number -> number <= threads)),
        job.read("train.accumulate", count()),
        segments());
  }

  /** As {@link ComputationSettings} counts them. */
  private int segments() {
    return job.read("train.recompute", integer(AT_LEAST_TWO).orWord(AUTO).orWord(NONE))
        .map(stated -> stated.orElse(ComputationSettings.ROOT_OF_DEPTH))
        .orElse(ComputationSettings.WHOLE);
  }

  private FeedConf feed() {
    FeedConf.Order order = job.read(ORDER, oneOf(FeedConf.Order.class));
    boolean goesByScores = order != FeedConf.Order.SHUFFLED;
    boolean draws = order == FeedConf.Order.IMPORTANCE;
    boolean repeats = order == FeedConf.Order.HARD;
    boolean grows = order == FeedConf.Order.CURRICULUM;
    FeedbackPlan.Score score =
        readIf(goesByScores, "train.feed.score", ORDER, oneOf(FeedbackPlan.Score.class));
    double even = readIf(draws, "train.feed.even", ORDER, number(FRACTION_ABOVE_ZERO));
    double share = readIf(repeats, "train.feed.hard-share", ORDER, number(Rule.HALF));
    double start = readIf(grows, "train.feed.start", ORDER, number(FRACTION_ABOVE_ZERO));
    int epochs = readIf(grows, "train.feed.epochs", ORDER, count());
    double gap = job.read("train.feed.augment-gap", number(POSITIVE).orWord(NONE)).orElse(0.0);
    Feed feed =
        switch (order) {
          case SHUFFLED -> new Feed.Shuffled();
          case IMPORTANCE -> new Feed.Importance(even);
          case HARD -> new Feed.HardExamples(share);
          case CURRICULUM -> new Feed.Curriculum(start, epochs);
        };
    return new FeedConf(feed, new FeedbackPlan(score, gap));
  }

  private OptimizerSpec optimizer() {
    Kind kind = job.read(OPTIMIZER_TYPE, oneOf(Kind.class));
    boolean momentum = WITH_MOMENTUM.contains(kind);
    boolean adam = ADAM_FAMILY.contains(kind);
    return new OptimizerSpec(
        kind,
        job.read("train.optimizer.learning-rate", number(POSITIVE)),
        fraction(momentum, "train.optimizer.momentum"),
        fraction(adam, "train.optimizer.beta1"),
        fraction(adam, "train.optimizer.beta2"),
        readIf(adam, "train.optimizer.epsilon", OPTIMIZER_TYPE, number(POSITIVE)),
        job.read("train.optimizer.weight-decay", number(NOT_NEGATIVE)),
        readIf(kind == Kind.LARS, "train.optimizer.trust", OPTIMIZER_TYPE, number(POSITIVE)),
        schedule());
  }

  private double fraction(boolean used, String key) {
    return readIf(used, key, OPTIMIZER_TYPE, number(FRACTION_BELOW_ONE));
  }

  private ScheduleSpec schedule() {
    Shape shape = job.read(SCHEDULE_TYPE, oneOf(Shape.class));
    boolean stepped = STEPPED.contains(shape);
    boolean falling = FALLING.contains(shape);
    return new ScheduleSpec(
        shape,
        job.read(WARMUP_STEPS, integer(NOT_NEGATIVE)),
        readIf(stepped, "train.schedule.step-every", SCHEDULE_TYPE, count()),
        readIf(stepped, "train.schedule.gamma", SCHEDULE_TYPE, number(FRACTION_ABOVE_ZERO)),
        readIf(falling, "train.schedule.final-fraction", SCHEDULE_TYPE, number(FRACTION)));
  }

  private CheckpointConf checkpoint() {
    return new CheckpointConf(
        new CheckpointPlan(
            job.read("checkpoint.every", count()),
            job.read("checkpoint.every-steps", count().orWord(NEVER)).orElse(0),
            job.read("checkpoint.interval", duration().orWord(NEVER)).orElse(Duration.ZERO)),
        job.read("checkpoint.keep", count()),
        job.read("checkpoint.on-stop", duration()));
  }

  private AveragingConf averaging() {
    Wire wire = job.read(WIRE, oneOf(Wire.class));
    int every = job.read(EVERY, count());
    return new AveragingConf(
        job.read("averaging.algorithm", oneOf(Algorithm.class)),
        job.read("averaging.bucket", bytes(Rule.BUCKET).map(Math::toIntExact)),
        wire,
        readIf(wire == Wire.THRESHOLD, "averaging.sparsity", WIRE, number(Rule.SPARSITY)),
        every,
        outer(every > 1),
        job.read("averaging.security", oneOf(Security.class)),
        job.read("averaging.ports", ports().orWord("any")).orElse(PortRange.ANY),
        job.read("averaging.interface", networkInterface().orWord(AUTO)),
        bytesOrAuto("averaging.window", Rule.WINDOW),
        job.read("averaging.peer-timeout", duration()),
        bytesOrAuto("averaging.mtu", Rule.MTU),
        job.read("averaging.directory", text().orWord(AUTO)));
  }

  private AveragingConf.Outer outer(boolean used) {
    return new AveragingConf.Outer(
        readIf(used, "averaging.outer.learning-rate", EVERY, number(POSITIVE)),
        readIf(used, "averaging.outer.momentum", EVERY, number(FRACTION_BELOW_ONE)));
  }

  private OptionalInt bytesOrAuto(String key, Rule rule) {
    return toOptionalInt(job.read(key, bytes(rule).map(Math::toIntExact).orWord(AUTO)));
  }

  private <T> T readIf(boolean used, String key, String decidedBy, ValueType<T> type) {
    return keys.readIf(used, key, decidedBy, type);
  }

  private static ValueType<PortRange> ports() {
    return text().then(PortRange.ANY, JobConfReader::portsOf);
  }

  private static Reading<PortRange> portsOf(String text) {
    try {
      return Reading.of(PortRange.parse(text));
    } catch (IllegalArgumentException againstTheRule) {
      return Reading.brokenRule(PortRange.RULE);
    }
  }

  /** Its syntax only: the interfaces are those of executors, and this is the driver. */
  private static ValueType<String> networkInterface() {
    return text().must(NetworkAddress.RULE, NetworkAddress::isWellFormed);
  }

  private static ValueType<Integer> count() {
    return integer(AT_LEAST_ONE);
  }

  private static OptionalInt toOptionalInt(Optional<Integer> number) {
    return number.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }
}
