package org.murmuration.worker.data.cifar;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;
import org.murmuration.worker.data.BadDataException;

/**
 * One try to complete a partial file over HTTP: asks for the rest with a Range request (RFC 9110,
 * section 14) and copes with servers that send everything instead.
 */
final class PartTransfer {

  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final Cifar10Download.Expected expected;
  private final Path part;
  private final Duration timeout;
  private final HttpClient client;

  PartTransfer(Cifar10Download.Expected expected, Path part, Duration timeout) {
    this.expected = expected;
    this.part = part;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder().followRedirects(Redirect.NORMAL).connectTimeout(timeout).build();
  }

  /** The length of the partial file, 0 where there is none. */
  long partBytes() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  /**
   * Returns when the server has sent all it wanted to.
   *
   * @throws TransferInterruptedException when the network or the server fails or keeps silent; what
   *     has come stays
   * @throws BadDataException when the server answers with something else than the file
   */
  void run(LongConsumer progress) throws IOException {
    if (partBytes() > expected.size()) {
      Files.delete(part);
    }
    long from = partBytes();
    HttpResponse<TimedBody> response = request(from);
    if (response.statusCode() == RANGE_NOT_SATISFIABLE && from > 0) {
      // The file over there is shorter than what is here: that cannot be its beginning.
      response.body().close();
      Files.delete(part);
      from = 0;
      response = request(from);
    }
    try (TimedBody body = response.body()) {
      append(body, start(response, from), progress);
    }
  }

  private HttpResponse<TimedBody> request(long from) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(expected.address()).timeout(timeout);
    if (from > 0) {
      request.header("Range", "bytes=%d-".formatted(from));
    }
    try {
      return client.send(request.build(), info -> new TimedBody(timeout));
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (IOException e) {
      throw new TransferInterruptedException(
          e.getMessage() == null ? "no connection (" + e + ")" : e.getMessage(), e);
    }
  }

  /** Where in the file the body starts. */
  private long start(HttpResponse<?> response, long from) throws BadDataException {
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (response.statusCode() == OK) {
      if (length >= 0 && length != expected.size()) {
        throw new BadDataException(
            "%s offers %d bytes, the official archive has %d: a proxy or a login page may answer in its place"
                .formatted(response.uri(), length, expected.size()));
      }
      return 0;
    }
    if (response.statusCode() != PARTIAL_CONTENT) {
      throw new BadDataException(
          "%s answers with HTTP status %d instead of the archive; download it by hand, or set data.source = cifar10-sample"
              .formatted(response.uri(), response.statusCode()));
    }
    String range = "bytes %d-%d/%d".formatted(from, expected.size() - 1, expected.size());
    String answered = response.headers().firstValue("Content-Range").orElse("no Content-Range");
    if (!answered.equals(range)) {
      throw new BadDataException(
          "%s was asked for %s and answers %s; remove %s to start from the beginning"
              .formatted(response.uri(), range, answered, part));
    }
    return from;
  }

  private void append(TimedBody body, long start, LongConsumer progress) throws IOException {
    long position = start;
    try (FileChannel channel = FileChannel.open(part, CREATE, WRITE)) {
      channel.truncate(start);
      List<ByteBuffer> pieces = next(body, position);
      while (!pieces.isEmpty()) {
        for (ByteBuffer piece : pieces) {
          position += write(channel, piece, position);
        }
        progress.accept(position);
        if (position > expected.size()) {
          // Too long already; the check of size and MD5 tells the rest.
          return;
        }
        pieces = next(body, position);
      }
    }
  }

  private int write(FileChannel channel, ByteBuffer piece, long position) throws IOException {
    int bytes = piece.remaining();
    try {
      while (piece.hasRemaining()) {
        channel.write(piece, position + bytes - piece.remaining());
      }
    } catch (IOException e) {
      throw new IOException(
          "cannot write %s beyond byte %d: %s".formatted(part, position, e.getMessage()), e);
    }
    return bytes;
  }

  private List<ByteBuffer> next(TimedBody body, long position) throws IOException {
    try {
      return body.next();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (TransferInterruptedException e) {
      throw new TransferInterruptedException(
          "after byte %d: %s".formatted(position, e.getMessage()), e);
    }
  }

  private InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while downloading " + expected.address());
  }
}
