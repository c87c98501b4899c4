package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.PortRange;
import org.murmuration.worker.transport.Security;

class AveragingConfTest {
  private static final String PORTS =
      "must be any or a port or a range of ports such as 40100-40199, in [1024, 65535], lowest"
          + " first";
  private static final String INTERFACE =
      "must be auto or the name of a network interface such as eth0, an IP address, or addresses in"
          + " CIDR notation such as 10.1.0.0/16 or fd00::/64";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "algorithm = tree | was \"tree\", must be one of auto, ring, recursive-doubling,"
            + " hierarchical",
        "bucket = 65532 | was 65532, must be a multiple of 4 in [64 KiB, 1 GiB]",
        "bucket = 65538 | was 65538, must be a multiple of 4 in [64 KiB, 1 GiB]",
        "bucket = 1073741828 | was 1073741828, must be a multiple of 4 in [64 KiB, 1 GiB]",
        "bucket = 8 GiB | was \"8 GiB\", must be a multiple of 4 in [64 KiB, 1 GiB]",
        "bucket = auto | was \"auto\" (string), must be a size, such as 1 GiB",
        "wire = fp8 | was \"fp8\", must be one of fp32, bf16, fp16, threshold",
        "every = 0 | was 0, must be >= 1",
        "security = tls | was \"tls\", must be one of none, authenticate, encrypt",
        "window = 65535 | was 65535, must be auto or in [64 KiB, 512 MiB]",
        "window = 2 GiB | was \"2 GiB\", must be auto or in [64 KiB, 512 MiB]",
        "ports = 1023 | was 1023, " + PORTS,
        "ports = 40199-40100 | was \"40199-40100\", " + PORTS,
        "ports = all | was \"all\", " + PORTS,
        "interface = 10.1.0.0/33 | was \"10.1.0.0/33\", " + INTERFACE,
        "interface = 10.1.0 | was \"10.1.0\", " + INTERFACE,
        "interface = eth0 eth1 | was \"eth0 eth1\", " + INTERFACE,
      })
  void shouldNameTheKeyTheValueAndTheRule(String line, String rest) {
    String key = line.substring(0, line.indexOf(' '));

    assertThat(JobFile.in(folder, "averaging." + line).problems())
        .containsExactly("averaging.%s in x.conf:1: %s".formatted(key, rest));
  }

  @ParameterizedTest
  @CsvSource({
    "threshold, 1, sparsity, 0, '(0, 0.5]'",
    "threshold, 1, sparsity, 0.51, '(0, 0.5]'",
    "fp32, 2, outer.momentum, 1, '[0, 1)'",
    "fp32, 2, outer.momentum, -0.1, '[0, 1)'",
  })
  void shouldRefuseAFractionOutOfItsRange(
      String wire, int every, String key, String value, String range) {
    JobFile file = JobFile.in(folder, "averaging { wire = %s, every = %d }".formatted(wire, every));
    String override = "averaging.%s=%s".formatted(key, value);

    assertThat(file.problems(override))
        .containsExactly(
            "averaging.%s in --set %s: was %s, must be in %s"
                .formatted(key, override, value, range));
  }

  @Test
  void shouldRefuseAnOuterLearningRateOfZero() {
    assertThat(JobFile.in(folder, "averaging { every = 2, outer.learning-rate = 0 }").problems())
        .containsExactly("averaging.outer.learning-rate in x.conf:1: was 0, must be > 0");
  }

  @ParameterizedTest
  @CsvSource({
    "wire, bf16, sparsity, 0.01",
    "every, 1, outer.learning-rate, 0.7",
    "every, 1, outer.momentum, 0.9",
  })
  void shouldRefuseWhatNothingReads(String decidedBy, String decision, String key, String value) {
    String text = "averaging {\n %s = %s\n %s = %s\n}".formatted(decidedBy, decision, key, value);

    assertThat(JobFile.in(folder, text).problems())
        .containsExactly(
            "averaging.%3$s in x.conf:3: nothing reads it with averaging.%1$s = %2$s (x.conf:2); remove it, or --set averaging.%3$s=null"
                .formatted(decidedBy, decision, key));
  }

  @Test
  void shouldNotGuessWhatAFaultyChoiceReads() {
    JobFile file =
        JobFile.in(
            folder, "averaging { wire = fp8, sparsity = 0.1, every = 0, outer.momentum = 0.9 }");

    assertThat(file.problems()).hasSize(2);
  }

  @Test
  void shouldShowOnlyWhatIsRead() {
    assertThat(JobConf.load(Optional.empty(), List.of()).effective().settings().keySet())
        .contains("averaging.wire", "averaging.every", "averaging.bucket", "averaging.algorithm")
        .doesNotContain(
            "averaging.sparsity", "averaging.outer.learning-rate", "averaging.outer.momentum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"eth0", "eth0.100", "10.1.0.5", "10.1.0.0/16", "\"fd00::/64\""})
  void shouldTakeAnInterfaceThatTheDriverDoesNotHave(String text) {
    AveragingConf conf = JobFile.in(folder, "averaging.interface = " + text).load().averaging();

    assertThat(conf.networkInterface()).contains(text.replace("\"", ""));
  }

  @Test
  void shouldTakeAnIpv6NetworkInAnOverrideAsItStands() {
    assertThat(averaging("averaging.interface=fd00::/64").networkInterface()).contains("fd00::/64");
  }

  @ParameterizedTest
  @CsvSource({"40100, 40100, 40100", "40100-40199, 40100, 40199", "1024-65535, 1024, 65535"})
  void shouldReadPorts(String text, int first, int last) {
    assertThat(averaging("averaging.ports=" + text).ports()).isEqualTo(new PortRange(first, last));
  }

  @Test
  void shouldLeaveToTheTransportWhatIsNotStated() {
    AveragingConf conf =
        averaging("averaging={ports=any, interface=auto, window=auto, mtu=auto, directory=auto}");

    assertThat(conf.ports()).isEqualTo(PortRange.ANY);
    assertThat(conf.networkInterface()).isEmpty();
    assertThat(conf.windowBytes()).isEmpty();
    assertThat(conf.mtuBytes()).isEmpty();
    assertThat(conf.directory()).isEmpty();
  }

  @Test
  void shouldTakeSizesAtTheirLimits() {
    AveragingConf least = averaging("averaging={bucket=64 KiB, window=65536}");
    AveragingConf most = averaging("averaging={bucket=1 GiB, window=512 MiB}");

    assertThat(least.bucketBytes()).isEqualTo(65536);
    assertThat(least.windowBytes()).hasValue(65536);
    assertThat(most.bucketBytes()).isEqualTo(1073741824);
    assertThat(most.windowBytes()).hasValue(536870912);
  }

  @ParameterizedTest
  @CsvSource({
    "auto, AUTO",
    "ring, RING",
    "recursive-doubling, RECURSIVE_DOUBLING",
    "hierarchical, HIERARCHICAL"
  })
  void shouldReadAlgorithms(String text, Algorithm algorithm) {
    assertThat(averaging("averaging.algorithm=" + text).algorithm()).isEqualTo(algorithm);
  }

  @ParameterizedTest
  @CsvSource({"fp32, FP32", "bf16, BF16", "fp16, FP16", "threshold, THRESHOLD"})
  void shouldReadWires(String text, Wire wire) {
    assertThat(averaging("averaging.wire=" + text).wire()).isEqualTo(wire);
  }

  @ParameterizedTest
  @CsvSource({"none, NONE", "authenticate, AUTHENTICATE", "encrypt, ENCRYPT"})
  void shouldReadSecurity(String text, Security security) {
    assertThat(averaging("averaging.security=" + text).security()).isEqualTo(security);
  }

  private static AveragingConf averaging(String override) {
    return JobConf.load(Optional.empty(), List.of(override)).averaging();
  }
}
