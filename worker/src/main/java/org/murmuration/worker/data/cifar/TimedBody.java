package org.murmuration.worker.data.cifar;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response, taken piece by piece with a limit on every wait: the HTTP client's own
 * time-out ends with the headers. One piece is on its way at a time, so a slow disk slows the
 * server down instead of filling the heap.
 */
final class TimedBody implements BodySubscriber<TimedBody>, AutoCloseable {

  private final Duration timeout;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private volatile Subscription subscription;
  private volatile boolean closed;

  TimedBody(Duration timeout) {
    this.timeout = timeout;
  }

  /** A piece, or the end (no buffers), or a failure. */
  private record Signal(List<ByteBuffer> buffers, Throwable failure) {}

  /**
   * The next piece; an empty list at the end of the body.
   *
   * @throws TransferInterruptedException when the connection breaks or keeps silent for too long
   */
  List<ByteBuffer> next() throws TransferInterruptedException, InterruptedException {
    Signal signal = signals.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (signal == null) {
      throw new TransferInterruptedException(
          "the server has sent nothing for %d ms".formatted(timeout.toMillis()), null);
    }
    if (signal.failure() != null) {
      throw new TransferInterruptedException(signal.failure().toString(), signal.failure());
    }
    if (!signal.buffers().isEmpty()) {
      subscription.request(1);
    }
    return signal.buffers();
  }

  /** Tells the server, by closing the connection, that no more is wanted. */
  @Override
  public void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public CompletionStage<TimedBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Subscription started) {
    subscription = started;
    if (closed) {
      started.cancel();
    } else {
      started.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    signals.add(new Signal(buffers, null));
  }

  @Override
  public void onError(Throwable failure) {
    signals.add(new Signal(List.of(), failure));
  }

  @Override
  public void onComplete() {
    signals.add(new Signal(List.of(), null));
  }
}
