package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  private static final SortedMap<String, String> IDENTITY =
      CheckpointTest.checkpoint(1, new float[1], new float[0]).identity();

  @TempDir private Path folder;

  private CheckpointStore store(int keep) {
    return new CheckpointStore(
        new org.apache.hadoop.fs.Path(folder.resolve("checkpoints").toUri()),
        new Configuration(false),
        keep);
  }

  private static void save(CheckpointStore store, int epoch) {
    store.save(CheckpointTest.checkpoint(epoch, new float[] {epoch, 2, 3, 4}, new float[] {5}));
  }

  private Path file(int epoch) {
    return folder.resolve("checkpoints/epoch-%06d.ckpt".formatted(epoch));
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder.resolve("checkpoints"))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static Optional<Integer> newestEpoch(CheckpointStore store) {
    return store.newest(IDENTITY).map(checkpoint -> checkpoint.state().epoch());
  }

  /** In the middle of the parameters. */
  private void damage(int epoch) throws IOException {
    var bytes = Files.readAllBytes(file(epoch));
    bytes[bytes.length - 30] ^= 4;
    Files.write(file(epoch), bytes);
  }

  @Test
  void shouldHaveNoneBeforeTheFirst() {
    assertThat(store(3).newest(IDENTITY)).isEmpty();
  }

  @Test
  void shouldGiveTheNewest() {
    var store = store(3);
    save(store, 9);
    save(store, 10);
    save(store, 8);

    var newest = store.newest(IDENTITY).orElseThrow();
    assertThat(newest.state().epoch()).isEqualTo(10);
    assertThat(newest.state().parameters().get(0)).isEqualTo(10);
    assertThat(newest.history()).hasSize(1);
  }

  @Test
  void shouldKeepTheNewestAndNothingElse() throws IOException {
    var store = store(2);
    for (int epoch = 1; epoch <= 12; epoch++) {
      save(store, epoch);
    }

    assertThat(files()).containsExactly("epoch-000011.ckpt", "epoch-000012.ckpt");
  }

  @Test
  void shouldPassOverDamagedOnes() throws IOException {
    var store = store(4);
    for (int epoch = 1; epoch <= 4; epoch++) {
      save(store, epoch);
    }

    damage(4);
    assertThat(newestEpoch(store)).contains(3);
    Files.write(file(3), new byte[0]);
    assertThat(newestEpoch(store)).contains(2);
    damage(2);
    damage(1);
    assertThat(newestEpoch(store)).isEmpty();
  }

  @Test
  void shouldPassOverUnfinishedAndForeignFiles() throws IOException {
    var store = store(2);
    save(store, 3);
    Files.writeString(folder.resolve("checkpoints/_unfinished-epoch-000009.ckpt"), "half");
    Files.writeString(folder.resolve("checkpoints/notes.txt"), "keep me");

    assertThat(newestEpoch(store)).contains(3);
    save(store, 4);
    save(store, 5);
    assertThat(files()).contains("notes.txt", "epoch-000004.ckpt", "epoch-000005.ckpt");
  }

  /** A run that fell back to epoch 2 saves epoch 3 while a damaged epoch 5 is there. */
  @Test
  void shouldNotPushOutTheOneJustSavedForADamagedLaterOne() throws IOException {
    var store = store(1);
    save(store, 2);
    Files.write(file(5), new byte[] {1, 2, 3});

    save(store, 3);

    assertThat(files()).containsExactly("epoch-000003.ckpt", "epoch-000005.ckpt");
    assertThat(newestEpoch(store)).contains(3);
  }

  @Test
  void shouldReplaceOneOfTheSameEpoch() throws IOException {
    var store = store(2);
    save(store, 3);
    damage(3);

    save(store, 3);

    assertThat(newestEpoch(store)).contains(3);
    assertThat(files()).containsExactly("epoch-000003.ckpt");
  }

  @Test
  void shouldNameWhatDiffersWhenItBelongsToAnotherJob() {
    var store = store(2);
    save(store, 3);
    var other = new TreeMap<>(Map.of("seed", "2", "network", "ärger", "world-size", "4"));

    assertThatThrownBy(() -> store.newest(other))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("epoch-000003.ckpt belongs to another job: ")
        .hasMessageContaining("seed was 1, is 2; world-size was absent, is 4")
        .hasMessageContaining("Resume with the settings it was made with")
        .hasMessageNotContaining("network");
    assertThatThrownBy(() -> store.newest(new TreeMap<>(Map.of("seed", "1"))))
        .hasMessageContaining("network was ärger, is absent");
  }

  @Test
  void shouldSayWhereItCouldNotWrite() throws IOException {
    Files.writeString(folder.resolve("checkpoints"), "a file where the folder should be");

    assertThatThrownBy(() -> save(store(2), 1))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("epoch-000001.ckpt could not be written")
        .hasCauseInstanceOf(IOException.class);
  }
}
