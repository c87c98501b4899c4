package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    save(store, epoch, 0, Optional.empty());
  }

  private static void save(CheckpointStore store, int epoch, int step, Optional<Position> best) {
    var whole = CheckpointTest.checkpoint(epoch, new float[] {epoch, 2, 3, 4}, new float[] {5});
    store.save(
        new Checkpoint(
            whole.state(),
            step,
            whole.identity(),
            whole.history(),
            whole.underWay(),
            whole.incidents()),
        best,
        GatheredStates.nothing(2));
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
    bytes[bytes.length - 70] ^= 4;
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
  void shouldFindStepsBetweenTheEpochsTheyAreIn() throws IOException {
    var store = store(3);
    save(store, 2, 0, Optional.empty());
    save(store, 1, 400, Optional.empty());
    save(store, 2, 9, Optional.empty());
    save(store, 2, 10, Optional.empty());

    assertThat(store.newest(IDENTITY).orElseThrow().position()).isEqualTo(new Position(2, 10));
    assertThat(files())
        .containsExactly(
            "epoch-000002.ckpt",
            "epoch-000002.step-000000009.ckpt",
            "epoch-000002.step-000000010.ckpt");
  }

  @Test
  void shouldKeepTheBestBesideTheNewest() throws IOException {
    var store = store(2);
    for (int epoch = 1; epoch <= 6; epoch++) {
      save(store, epoch, 0, Optional.of(Position.after(Math.min(epoch, 2))));
    }

    assertThat(files())
        .containsExactly("epoch-000002.ckpt", "epoch-000005.ckpt", "epoch-000006.ckpt");
  }

  @Test
  void shouldSayWhichAreDamagedAndHow() throws IOException {
    var store = store(4);
    save(store, 1);
    save(store, 2);
    damage(2);
    List<String> damaged = new ArrayList<>();

    store.newest(IDENTITY, damaged::add);

    assertThat(damaged).hasSize(1);
    assertThat(damaged.get(0)).contains("epoch-000002.ckpt has a damaged section");
  }

  @Test
  void shouldAskForTheDataOnlyWhenItIsKnown() {
    var store = store(2);
    var checkpoint = CheckpointTest.checkpoint(1, new float[1], new float[0]);
    checkpoint.identity().put(TrainingJob.DATA, "50,000 images");
    store.save(checkpoint, Optional.empty(), GatheredStates.nothing(1));
    var other = new TreeMap<>(IDENTITY);

    assertThat(store.newest(other)).isPresent();
    other.put(TrainingJob.DATA, "49,999 images");
    assertThatThrownBy(() -> store.newest(other))
        .hasMessageContaining("training data was 50,000 images, is 49,999 images");
  }

  @Test
  void shouldRemoveWhatKilledWritersLeft() throws IOException {
    var store = store(2);
    save(store, 3);
    Files.writeString(folder.resolve("checkpoints/_unfinished-epoch-000009.ckpt-1"), "half");

    store.removeUnfinished();

    assertThat(files()).containsExactly("epoch-000003.ckpt");
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
