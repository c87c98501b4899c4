package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.murmuration.worker.data.BadDataException;

/**
 * Fetches the official archive into a local folder. The bytes go to {@code <name>.part}, which a
 * later try goes on with; only an archive of the right size and MD5 gets its name.
 */
public final class Cifar10Download {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int HTTP_OK = 200;
  private static final int HTTP_PARTIAL = 206;
  private static final int HTTP_RANGE_NOT_SATISFIABLE = 416;

  /**
   * What is to be fetched.
   *
   * @param uri its address
   * @param size its length in bytes
   * @param md5 its MD5 in hexadecimal; the publisher gives no other checksum
   */
  public record Expected(URI uri, long size, String md5) {

    /** The archive as its author publishes it. */
    public static final Expected OFFICIAL =
        new Expected(
            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
            170_052_171,
            "c32a1d4ab5d03f1284b67883e8d87530");

    String fileName() {
      var path = uri.getPath();
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  private final Expected expected;
  private final Path file;
  private final Path part;
  private final Duration timeout;
  private final LongConsumer progress;

  /**
   * @param expected what is to be fetched
   * @param folder where it is kept; made when it doesn't exist
   * @param timeout how long to wait for a connection, and for the first byte of an answer
   * @param progress is told how many bytes are there so far
   */
  public Cifar10Download(Expected expected, Path folder, Duration timeout, LongConsumer progress) {
    this.expected = expected;
    this.file = folder.resolve(expected.fileName());
    this.part = folder.resolve(expected.fileName() + ".part");
    this.timeout = timeout;
    this.progress = progress;
  }

  /**
   * The archive, fetched unless it is there already.
   *
   * @param allowed whether the network may be used
   * @throws BadDataException when it is not to be had, or not what was expected
   */
  public Path fetch(boolean allowed) throws IOException {
    if (Files.exists(file)) {
      return file;
    }
    if (!allowed) {
      throw new BadDataException(file + " is not there, and data.download = false. " + byHand());
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    try {
      download();
    } catch (BadDataException e) {
      throw e;
    } catch (IOException e) {
      throw new BadDataException(
          "%s could not be fetched (%s); %d bytes are kept, and the next try goes on from there. %s"
              .formatted(expected.uri(), reason(e), sizeOfPart(), byHand()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadDataException("interrupted while fetching " + expected.uri(), e);
    }
    verify();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  private void download() throws IOException, InterruptedException {
    var begin = sizeOfPart();
    if (begin >= expected.size()) {
      return;
    }
    var client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    var request = HttpRequest.newBuilder(expected.uri()).timeout(timeout).GET();
    if (begin > 0) {
      request.header("Range", "bytes=" + begin + "-");
    }
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    try (var body = response.body()) {
      switch (response.statusCode()) {
        case HTTP_PARTIAL -> save(body, StandardOpenOption.APPEND);
        // This server sends the whole, asked for a part or not.
        case HTTP_OK -> save(body, StandardOpenOption.TRUNCATE_EXISTING);
        case HTTP_RANGE_NOT_SATISFIABLE -> {
          Files.delete(part);
          throw new IOException("the server has fewer bytes than are here already");
        }
        default -> throw new IOException("the server answered " + response.statusCode());
      }
    }
  }

  private void save(InputStream body, StandardOpenOption mode) throws IOException {
    if (!Files.exists(part)) {
      Files.createFile(part);
    }
    try (var channel = FileChannel.open(part, StandardOpenOption.WRITE, mode)) {
      var buffer = new byte[BUFFER_BYTES];
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        var bytes = ByteBuffer.wrap(buffer, 0, read);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        progress.accept(channel.position());
      }
      channel.force(true);
    }
    if (sizeOfPart() < expected.size()) {
      throw new IOException("the connection ended early");
    }
  }

  private void verify() throws IOException {
    var size = sizeOfPart();
    var md5 = md5Of(part);
    if (size != expected.size() || !md5.equals(expected.md5())) {
      Files.delete(part);
      throw new BadDataException(
          "%s is not what it should be: %d bytes with MD5 %s, must be %d with %s; it was deleted. %s"
              .formatted(expected.uri(), size, md5, expected.size(), expected.md5(), byHand()));
    }
  }

  private long sizeOfPart() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private String byHand() {
    return "To fetch it by hand: download "
        + expected.uri()
        + " elsewhere, and give its place as data.path or put it at "
        + file
        + ". Without it: data.source = cifar10-sample is 2,500 images that are always there";
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static String md5Of(Path path) throws IOException {
    try (var in = Files.newInputStream(path)) {
      var digest = MessageDigest.getInstance("MD5");
      var buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no MD5, which every Java must have", e);
    }
  }
}
