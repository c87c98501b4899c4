package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * A folder of images and a folder of masks, for segmentation. A mask has the name of its image, and
 * the same place below its folder, whatever the endings of the two are.
 */
public final class PairsSource extends FileSource {
  private final SourceFiles masks;

  /**
   * @param images where the images of each split are
   * @param masks where the masks of each split are, the classes of pixels as gray levels
   */
  public PairsSource(SourceFiles images, SourceFiles masks) {
    super(images);
    this.masks = masks;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var maskFiles = byPlace(masks, split);
    List<Piece> pieces = new ArrayList<>();
    for (var image : byPlace(files(), split).entrySet()) {
      var mask = maskFiles.remove(image.getKey());
      // Where there is none, reading misses it, and says by which name.
      var name =
          mask == null
              ? masks.place(split) + "/" + image.getKey() + ".*"
              : mask.getPath().toString();
      pieces.add(Piece.of(image.getValue()).with(name));
    }
    if (pieces.isEmpty()) {
      throw new BadDataException(
          "%s = %s has no file".formatted(SourceFiles.key(split), files().place(split)));
    }
    return new Listing(
        pieces,
        List.of(),
        maskFiles.values().stream().map(mask -> mask.getPath().toString()).toList());
  }

  /** The files by their path below the root, without the ending. */
  private static SortedMap<String, FileStatus> byPlace(SourceFiles files, Split split)
      throws IOException {
    var found = new TreeMap<String, FileStatus>();
    for (var root : files.roots(split)) {
      for (var file : files.tree(root).files(root)) {
        var place =
            withoutEnding(
                file.getPath().toString().substring(root.getPath().toString().length() + 1));
        var other = found.put(place, file);
        if (other != null) {
          throw new BadDataException(
              "%s and %s have one name but for the ending, so none can tell which belongs to the other folder's %s; rename or remove one"
                  .formatted(other.getPath(), file.getPath(), place));
        }
      }
    }
    return found;
  }

  private static String withoutEnding(String path) {
    int dot = path.lastIndexOf('.');
    return dot > path.lastIndexOf('/') ? path.substring(0, dot) : path;
  }
}
