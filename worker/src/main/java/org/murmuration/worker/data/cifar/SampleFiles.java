package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.util.List;
import org.murmuration.worker.data.Split;

/** The small sample that comes with the program, on the class path. */
record SampleFiles() implements BatchFiles {

  @Override
  public List<String> names(CifarFormat format, Split split) {
    return format.files(split).subList(0, 1);
  }

  @Override
  public void visit(List<String> names, FileVisitor visitor) throws IOException {
    for (String name : names) {
      URL resource = SampleFiles.class.getResource("sample/" + name);
      if (resource != null) {
        URLConnection connection = resource.openConnection();
        try (InputStream content = connection.getInputStream()) {
          if (!visitor.file(name, connection.getContentLengthLong(), content)) {
            return;
          }
        }
      }
    }
  }

  @Override
  public String toString() {
    return "the sample on the class path";
  }
}
