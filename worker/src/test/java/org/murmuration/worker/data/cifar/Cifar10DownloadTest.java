package org.murmuration.worker.data.cifar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.data.BadDataException;

@Timeout(30)
class Cifar10DownloadTest {

  private static final int SIZE = 300_000;

  @TempDir Path folder;
  private final byte[] content = new byte[SIZE];
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private final List<Long> progress = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private Path file;
  private Path part;
  private Duration timeout = Duration.ofSeconds(10);

  /** What the server does with one request. */
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    new Random(4).nextBytes(content);
    file = folder.resolve("archive.tar.gz");
    part = folder.resolve("archive.tar.gz.part");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          ranges.add(range == null ? "all" : range);
          answers.remove().to(exchange);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdown();
  }

  @Test
  void shouldDownloadAll() throws Exception {
    answers.add(full(SIZE));
    assertThat(fetch()).isEqualTo(file);
    assertThat(file).hasBinaryContent(content);
    assertThat(part).doesNotExist();
    assertThat(progress).isSorted().endsWith((long) SIZE);
  }

  @Test
  void shouldNotDownloadTwice() throws Exception {
    Files.write(file, content);
    assertThat(fetch()).isEqualTo(file);
    assertThat(ranges).isEmpty();
  }

  @Test
  void shouldGoOnAfterACut() throws Exception {
    answers.add(full(200_000));
    answers.add(partial(SIZE));
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).hasSize(2).startsWith("all");
    assertThat(ranges.get(1)).matches("bytes=[1-9][0-9]*-");
  }

  @Test
  void shouldGoOnWithThePartOfAnEarlierCall() throws Exception {
    Files.write(part, Arrays.copyOf(content, 123_456));
    answers.add(partial(SIZE));
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).containsExactly("bytes=123456-");
    assertThat(progress.get(0)).isGreaterThan(123_456);
  }

  @Test
  void shouldFinishWithoutServerWhenThePartIsWhole() throws Exception {
    Files.write(part, content);
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).isEmpty();
  }

  @Test
  void shouldStartAnewWhenTheServerIgnoresRanges() throws Exception {
    Files.write(part, new byte[100_000]);
    answers.add(full(SIZE));
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).containsExactly("bytes=100000-");
  }

  @Test
  void shouldStartAnewWhenTheRangeIsNotSatisfiable() throws Exception {
    Files.write(part, new byte[100_000]);
    answers.add(exchange -> exchange.sendResponseHeaders(416, -1));
    answers.add(full(SIZE));
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).containsExactly("bytes=100000-", "all");
  }

  @Test
  void shouldStartAnewWhenThePartIsTooLong() throws Exception {
    Files.write(part, new byte[SIZE + 1]);
    answers.add(full(SIZE));
    fetch();
    assertThat(file).hasBinaryContent(content);
    assertThat(ranges).containsExactly("all");
  }

  @Test
  void shouldDeleteFileOfWrongChecksum() {
    byte[] wrong = content.clone();
    wrong[77] ^= 1;
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, SIZE);
          exchange.getResponseBody().write(wrong);
        });
    requireFailure(md5(wrong), md5(content), "was deleted");
    assertThat(file).doesNotExist();
    assertThat(part).doesNotExist();
  }

  @Test
  void shouldDeleteFileThatIsLongerThanExpected() {
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(content);
          exchange.getResponseBody().write(content);
        });
    requireFailure("not 300000 bytes", "was deleted");
    assertThat(file).doesNotExist();
    assertThat(part).doesNotExist();
  }

  @Test
  void shouldRefuseAnswerOfAnotherLength() {
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write(new byte[5]);
        });
    requireFailure("offers 5 bytes", "has 300000");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldRefuseOtherStatus() {
    answers.add(exchange -> exchange.sendResponseHeaders(404, -1));
    requireFailure("/archive.tar.gz answers with HTTP status 404");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldRefuseRangeThatWasNotAskedFor() throws Exception {
    Files.write(part, Arrays.copyOf(content, 1000));
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Range", "bytes 500-299999/300000");
          exchange.sendResponseHeaders(206, SIZE - 500);
          // Closed without it, the connection could fail before the client looks at the range.
          exchange.getResponseBody().write(content, 500, SIZE - 500);
        });
    requireFailure("bytes 1000-299999/300000", "bytes 500-299999/300000");
    assertThat(part).hasBinaryContent(Arrays.copyOf(content, 1000));
  }

  @Test
  void shouldSayWhatToDoWithoutNetwork() {
    server.stop(0);
    requireFailure(
        "CIFAR-10 is not at " + file,
        address().toString(),
        "download " + address() + " by hand on another machine and put it at " + file,
        "data.path",
        "data.source = cifar10-sample");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldGiveUpOnSilenceBeforeTheAnswerAndKeepThePart() throws Exception {
    timeout = Duration.ofSeconds(1);
    Files.write(part, Arrays.copyOf(content, 1000));
    answers.add(exchange -> awaitEnd());
    requireFailure("1000 of 300000 bytes are kept in " + part);
    assertThat(part).hasBinaryContent(Arrays.copyOf(content, 1000));
  }

  @Test
  void shouldGiveUpOnSilenceWithinTheAnswer() {
    timeout = Duration.ofSeconds(1);
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, SIZE);
          exchange.getResponseBody().write(content, 0, 1000);
          exchange.getResponseBody().flush();
          awaitEnd();
        });
    answers.add(exchange -> awaitEnd());
    requireFailure("timed out", "1000 of 300000 bytes are kept in " + part);
    assertThat(ranges).containsExactly("all", "bytes=1000-");
  }

  @Test
  void shouldLeaveAnotherFileOfThatNameAlone() throws Exception {
    Files.write(file, new byte[] {1, 2, 3});
    requireFailure(file + " is not the official archive: it has 3 bytes");
    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(ranges).isEmpty();
  }

  @Test
  void shouldRefuseToWriteBesideAnotherDownload() throws Exception {
    try (FileChannel other =
            FileChannel.open(
                folder.resolve("archive.tar.gz.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = other.lock()) {
      assertThat(held.isValid()).isTrue();
      requireFailure("another process is downloading " + file);
    }
  }

  @Test
  void shouldKnowTheOfficialArchive() {
    Cifar10Download official = new Cifar10Download(Cifar10Download.Expected.OFFICIAL, folder);
    assertThat(official.file()).isEqualTo(folder.resolve("cifar-10-binary.tar.gz"));
  }

  private Answer full(int sent) {
    return exchange -> {
      exchange.sendResponseHeaders(200, SIZE);
      exchange.getResponseBody().write(content, 0, sent);
      exchange.getResponseBody().flush();
    };
  }

  private Answer partial(int end) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = Integer.parseInt(range.replaceAll("[^0-9]", ""));
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, SIZE - 1, SIZE));
      exchange.sendResponseHeaders(206, SIZE - from);
      exchange.getResponseBody().write(content, from, end - from);
    };
  }

  private void awaitEnd() throws IOException {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private Path fetch() throws IOException {
    Cifar10Download.Expected expected = new Cifar10Download.Expected(address(), SIZE, md5(content));
    return new Cifar10Download(expected, folder, timeout).fetch(progress::add);
  }

  private URI address() {
    return URI.create(
        "http://127.0.0.1:%d/archive.tar.gz".formatted(server.getAddress().getPort()));
  }

  private void requireFailure(String... parts) {
    assertThatExceptionOfType(BadDataException.class)
        .isThrownBy(this::fetch)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
