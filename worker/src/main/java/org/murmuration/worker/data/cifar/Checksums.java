package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Size and MD5 of a file in one comparable text. */
final class Checksums {

  private Checksums() {}

  static String describe(long size, String md5) {
    return "%d bytes with md5 %s".formatted(size, md5);
  }

  static String describe(Path file) throws IOException {
    MessageDigest md5 = md5();
    try (InputStream content = new DigestInputStream(Files.newInputStream(file), md5)) {
      long size = content.transferTo(OutputStream.nullOutputStream());
      return describe(size, HexFormat.of().formatHex(md5.digest()));
    }
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
