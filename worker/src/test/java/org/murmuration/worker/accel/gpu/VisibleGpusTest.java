package org.murmuration.worker.accel.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** CUDA's numbers of GPUs, by the rules of its programming guide. */
class VisibleGpusTest {
  /** As nvidia-smi -L prints it. */
  private static final String LIST =
      """
      GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa0000-1111-2222-3333-444444444444)
      GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb0000-1111-2222-3333-444444444444)
      GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-cccc0000-1111-2222-3333-444444444444)
      GPU 3: NVIDIA A100-SXM4-40GB (UUID: GPU-dddd0000-1111-2222-3333-444444444444)
        MIG 3g.20gb     Device  0: (UUID: MIG-eeee0000-1111-2222-3333-444444444444)
        MIG 3g.20gb     Device  1: (UUID: MIG-ffff0000-1111-2222-3333-444444444444)
      """;

  @Test
  void shouldReadTheListOfNvidiaSmi() {
    var gpus = InstalledGpu.parse(LIST);

    assertThat(gpus).extracting(InstalledGpu::index).containsExactly(0, 1, 2, 3);
    assertThat(gpus.get(1).uuid()).isEqualTo("GPU-bbbb0000-1111-2222-3333-444444444444");
    assertThat(gpus.get(0).name()).isEqualTo("NVIDIA A100-SXM4-40GB");
    assertThat(gpus.get(0).slices()).isEmpty();
    assertThat(gpus.get(3).slices())
        .containsExactly(
            "MIG-eeee0000-1111-2222-3333-444444444444", "MIG-ffff0000-1111-2222-3333-444444444444");
  }

  @Test
  void shouldCountAsNvidiaSmiWhereNothingIsHidden() {
    assertThat(gpus(null).number("2")).isEqualTo(2);
    assertThat(gpus(null).number("GPU-bbbb")).isEqualTo(1);
    // The sliced one is shown only to who names a slice.
    assertThat(gpus(null).count()).isEqualTo(3);
  }

  @Test
  void shouldCountAfterCudaVisibleDevicesHasRenumbered() {
    assertThat(gpus("2,1").number("2")).isZero();
    assertThat(gpus("2,1").number("1")).isEqualTo(1);
    assertThat(gpus("GPU-cccc,GPU-aaaa").number("0")).isEqualTo(1);
    assertThat(gpus("1").number("GPU-bbbb0000-1111-2222-3333-444444444444")).isZero();
  }

  @Test
  void shouldShowASliceOnlyWhenItIsNamed() {
    assertThat(gpus("MIG-ffff").number("MIG-ffff0000-1111-2222-3333-444444444444")).isZero();
    assertThat(gpus("MIG-ffff,MIG-eeee").count()).isEqualTo(1);
    assertThatThrownBy(() -> gpus(null).number("MIG-ffff"))
        .hasMessageContaining("MIG-ffff was given to this executor, but it doesn't see it")
        .hasMessageContaining("CUDA_VISIBLE_DEVICES = (not set)");
  }

  @Test
  void shouldStopAtTheFirstEntryThatNamesNothing() {
    assertThat(gpus("1,-1,2").count()).isEqualTo(1);
    assertThat(gpus("").count()).isZero();
  }

  @Test
  void shouldRefuseWhatIsHiddenOrNotThere() {
    assertThatThrownBy(() -> gpus("0,1").number("2"))
        .isInstanceOf(GpuException.class)
        .hasMessageContaining("CUDA_VISIBLE_DEVICES = 0,1");
    assertThatThrownBy(() -> gpus(null).number("7"))
        .hasMessageContaining("GPU 7")
        .hasMessageContaining("none of that index or UUID");
  }

  private static VisibleGpus gpus(String visible) {
    return new VisibleGpus(InstalledGpu.parse(LIST), Optional.ofNullable(visible));
  }

  @Test
  void shouldNameRanksThatShareAGpu() {
    var words =
        List.of(
            RankGpu.word("a", Optional.of("GPU-1")),
            RankGpu.word("b", Optional.of("GPU-1")),
            RankGpu.word("a", Optional.of("GPU-1")));

    RankGpu.requireOneEach(words.subList(0, 2));
    assertThatThrownBy(() -> RankGpu.requireOneEach(words))
        .hasMessageContaining("ranks 0 and 2 both have the GPU GPU-1 of host a");
  }

  @Test
  void shouldAskForOneBackendAndTheRightOne() {
    var onlyCpu = new Backends(true, false);
    onlyCpu.require(0);
    assertThatThrownBy(() -> onlyCpu.require(1))
        .hasMessageContaining("this is the artifact for CPUs")
        .hasMessageContaining("-Pcuda");
    assertThatThrownBy(() -> new Backends(true, true).require(0))
        .hasMessageContaining("both on the class path");
    new Backends(false, true).require(1);
    assertThatThrownBy(() -> new Backends(false, true).require(2))
        .hasMessageContaining("ask for one GPU and for 2 times as many executors");
  }

  @Test
  void shouldNotStartForGpusWhereThereIsNoDriver() {
    new Backends(true, false).requireDriver(Optional.empty());
    new Backends(false, true).requireDriver(Optional.of(new CudaDriver(535, 129)));
    assertThatThrownBy(() -> new Backends(false, true).requireDriver(Optional.empty()))
        .hasMessageContaining("this machine has no NVIDIA driver");
  }

  @Test
  void shouldKnowDriversThatAreTooOld() {
    var text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Wed Oct 2 2019";
    assertThat(CudaDriver.parse(text.formatted("535.129.03")))
        .contains(new CudaDriver(535, 129))
        .hasValueSatisfying(CudaDriver::require);
    var old = CudaDriver.parse(text.formatted("440.33.01")).orElseThrow();
    assertThatThrownBy(old::require).hasMessageContaining("440.33 is too old", "450.80");
    assertThat(new CudaDriver(450, 80).isEnough()).isTrue();
    assertThat(new CudaDriver(450, 51).isEnough()).isFalse();
  }
}
