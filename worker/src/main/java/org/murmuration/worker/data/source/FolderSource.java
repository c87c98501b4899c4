package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * A folder for each class, with its images at any depth below. The folders' names are the labels.
 * Every file in them is taken for an image; what turns out to be none is for whoever decodes it.
 */
public final class FolderSource extends FileSource {

  /** The folders of classes in the place of a split; several places if that is a glob. */
  public FolderSource(SourceFiles files) {
    super(files);
  }

  @Override
  public Listing list(Split split) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    List<String> passedOver = new ArrayList<>();
    var classes = new TreeSet<String>();
    for (var root : files().roots(split)) {
      if (!root.isDirectory()) {
        passedOver.add(root.getPath().toString());
        continue;
      }
      var tree = files().tree(root);
      for (var child : tree.children(root)) {
        if (child.isDirectory()) {
          var name = child.getPath().getName();
          classes.add(name);
          tree.files(child).forEach(file -> pieces.add(Piece.labelled(file, name)));
        } else {
          passedOver.add(child.getPath().toString());
        }
      }
    }
    if (pieces.isEmpty()) {
      throw new BadDataException(
          "%s = %s has no folder of a class with a file in it: the images of each class belong into a folder of the class's name"
              .formatted(SourceFiles.key(split), files().place(split)));
    }
    pieces.sort(Comparator.comparing(Piece::path));
    return new Listing(pieces, List.copyOf(classes), passedOver);
  }
}
