package org.murmuration.worker.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.source.Samples.Read;

/** Folders as they are on people's disks. */
class FolderSourceTest {
  @TempDir private Path folder;

  @Test
  void takesTheNameOfAFolderForTheClassOfWhatIsInIt() throws IOException {
    file("cat/a.jpg");
    file("dog/b.jpg");
    file("dog/2024/may/c.jpg");

    assertThat(Samples.read(source(), folder))
        .containsExactly(
            new Read("cat/a.jpg", "cat", "cat/a.jpg"),
            new Read("dog/2024/may/c.jpg", "dog", "dog/2024/may/c.jpg"),
            new Read("dog/b.jpg", "dog", "dog/b.jpg"));
  }

  @Test
  void readsNamesOfAllKinds() throws IOException {
    for (var name :
        List.of(
            "two words/a b.jpg",
            "猫/三毛.jpg",
            "%41/50%.jpg",
            "a:b/c:d.jpg",
            "[x]/{y}*.jpg",
            "#/?.jpg")) {
      file(name);
    }

    assertThat(Samples.read(source(), folder))
        .hasSize(6)
        .allSatisfy(
            sample -> {
              assertThat(sample.image()).isEqualTo(sample.path());
              assertThat(sample.label())
                  .isEqualTo(sample.path().substring(0, sample.path().indexOf('/')));
            });
  }

  @Test
  void tellsNamesApartThatDifferInCase() throws IOException {
    file("Cat/x.jpg");
    file("cat/x.jpg");
    file("cat/X.jpg");

    assertThat(source().list(Split.TRAIN).classes()).containsExactly("Cat", "cat");
    assertThat(Samples.read(source(), folder))
        .extracting(Read::image)
        .containsExactly("Cat/x.jpg", "cat/X.jpg", "cat/x.jpg");
  }

  @Test
  void leavesOutWhatIsHidden() throws IOException {
    file("cat/a.jpg");
    file("cat/.DS_Store");
    file("cat/_SUCCESS");
    file("cat/.thumbnails/a.jpg");
    file(".git/config");
    file("_temporary/0/a.jpg");

    assertThat(Samples.read(source(), folder)).extracting(Read::path).containsExactly("cat/a.jpg");
  }

  @Test
  void namesFilesThatBelongToNoClassAndClassesWithoutFiles() throws IOException {
    file("cat/a.jpg");
    file("stray.jpg");
    Files.createDirectories(folder.resolve("unicorn"));

    var listing = source().list(Split.TRAIN);

    assertThat(listing.classes()).containsExactly("cat", "unicorn");
    assertThat(listing.passedOver()).extracting(this::below).containsExactly("stray.jpg");
    assertThat(listing.pieces()).hasSize(1);
  }

  @Test
  void followsLinks() throws IOException {
    file("originals/a.jpg");
    Files.createDirectories(folder.resolve("data/cat"));
    Files.createSymbolicLink(
        folder.resolve("data/cat/link.jpg"), folder.resolve("originals/a.jpg"));
    Files.createSymbolicLink(folder.resolve("data/dog"), folder.resolve("originals"));

    assertThat(Samples.read(new FolderSource(Samples.files(folder.resolve("data"))), folder))
        .containsExactly(
            new Read("data/cat/link.jpg", "cat", "originals/a.jpg"),
            new Read("data/dog/a.jpg", "dog", "originals/a.jpg"));
  }

  @Test
  void refusesLinksThatLeadBack() throws IOException {
    file("cat/a.jpg");
    Files.createSymbolicLink(folder.resolve("cat/again"), folder.resolve("cat"));

    assertThatThrownBy(() -> source().list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("more than 32 folders deep")
        .hasMessageContaining("a link among them may lead back");
  }

  @Test
  void takesAllThatAGlobMatches() throws IOException {
    file("2023/cat/a.jpg");
    file("2024/cat/b.jpg");
    file("2024/dog/c.jpg");
    file("old/cat/d.jpg");

    var source = new FolderSource(Samples.files(folder + "/20*"));

    assertThat(source.list(Split.TRAIN).classes()).containsExactly("cat", "dog");
    assertThat(Samples.read(source, folder))
        .extracting(Read::path)
        .containsExactly("2023/cat/a.jpg", "2024/cat/b.jpg", "2024/dog/c.jpg");
  }

  @Test
  void takesANameWithBracketsByItsName() throws IOException {
    file("set [1]/cat/a.jpg");

    assertThat(Samples.read(new FolderSource(Samples.files(folder + "/set [1]")), folder))
        .extracting(Read::path)
        .containsExactly("set [1]/cat/a.jpg");
  }

  @Test
  void missesAFileThatIsGoneWhenItIsRead() throws IOException {
    file("cat/a.jpg");
    var piece = source().list(Split.TRAIN).pieces().get(0);
    Files.delete(folder.resolve("cat/a.jpg"));

    source()
        .read(
            piece,
            sample ->
                assertThatThrownBy(sample::image).hasMessageContaining("cat/a.jpg does not exist"));
  }

  @Test
  void saysWhatIsWrongWithAPlaceWithoutClasses() throws IOException {
    file("a.jpg");

    assertThatThrownBy(() -> source().list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("has no folder of a class with a file in it");
    assertThatThrownBy(() -> new FolderSource(Samples.files(folder + "/none")).list(Split.TRAIN))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("data.path = file:" + folder + "/none does not exist");
    assertThatThrownBy(() -> new FolderSource(Samples.files(folder + "/x*")).list(Split.TRAIN))
        .hasMessageContaining("the pattern matches nothing");
    assertThatThrownBy(() -> source().list(Split.TEST))
        .hasMessageContaining("data.test-path is not set");
  }

  private FolderSource source() {
    return new FolderSource(Samples.files(folder));
  }

  private String below(String path) {
    return Samples.below(folder, path);
  }

  /** A file whose content is its name. */
  private void file(String name) throws IOException {
    var file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
  }
}
