package org.murmuration.worker.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.murmuration.worker.accel.plan.Precision;

/**
 * Who computes; one column of the table each. Only a contender's own {@code start} names its class,
 * whose library the process of another contender may lack.
 */
enum Contender {
  PLAIN_DL4J("plain DL4J", Tolerance.FP32) {
    @Override
    Training start(Cell cell) {
      return new Dl4jTraining(cell);
    }
  },
  MURMURATION_FP32("Murmuration fp32", Tolerance.FP32) {
    @Override
    Training start(Cell cell) {
      return new ReplicaTraining(cell, Precision.FP32);
    }
  },
  MURMURATION_BF16("Murmuration bf16", Tolerance.BF16) {
    @Override
    Training start(Cell cell) {
      return new ReplicaTraining(cell, Precision.BF16);
    }
  },
  LIBTORCH_CONTIGUOUS("libtorch", Tolerance.FP32) {
    @Override
    Training start(Cell cell) {
      return LibtorchTraining.contiguous(cell);
    }
  },
  LIBTORCH_CHANNELS_LAST("libtorch channels_last", Tolerance.FP32) {
    @Override
    Training start(Cell cell) {
      return LibtorchTraining.channelsLast(cell);
    }
  };

  /** The contender that the others are divided by: libtorch as it is unless told otherwise. */
  static final Contender REFERENCE = LIBTORCH_CONTIGUOUS;

  private final String column;
  private final Tolerance tolerance;

  Contender(String column, Tolerance tolerance) {
    this.column = column;
    this.tolerance = tolerance;
  }

  /** Makes the network ready in this process. */
  abstract Training start(Cell cell);

  /** The heading of its column. */
  String column() {
    return column;
  }

  /** How far its losses may be from those of others. */
  Tolerance tolerance() {
    return tolerance;
  }

  /** Whether it needs libtorch, and no ND4J, on its class path. */
  boolean onLibtorch() {
    return this == LIBTORCH_CONTIGUOUS || this == LIBTORCH_CHANNELS_LAST;
  }

  /**
   * Whether it takes its turn in the first round only: a step may take half a minute, and nobody
   * asks for the second digit of how much slower it is.
   */
  boolean onlyOnce() {
    return this == PLAIN_DL4J;
  }

  /** Its name on the command line. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The contenders whose names begin like this, such as {@code libtorch}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static List<Contender> named(String name) {
    var found =
        Arrays.stream(values()).filter(contender -> contender.option().startsWith(name)).toList();
    if (found.isEmpty()) {
      throw unknown(name);
    }
    return found;
  }

  /**
   * The contender of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Contender exactly(String name) {
    return Arrays.stream(values())
        .filter(contender -> contender.option().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "there is no contender \"%s\"; there are %s"
            .formatted(
                name,
                Arrays.stream(values()).map(Contender::option).collect(Collectors.joining(", "))));
  }
}
