package org.murmuration.worker.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.CloseHelper;

/**
 * Stands between senders and one receiver of UDP datagrams on this host and spoils the link, where
 * the kernel's own netem is not to be had.
 *
 * <p>Senders send to {@link #port()}. Each has a socket of its own towards the target, as behind a
 * NAT, and what the target answers to that socket goes back to that sender from {@link #port()},
 * through the same impairment. The datagrams are never altered.
 *
 * <p>The draws are those of a seed: what happens to the n-th datagram of the k-th sender, or to the
 * n-th answer to it, is the same in every run. Datagrams that wait for their time are held in
 * memory, as many as come during the delay.
 *
 * <p>One thread does all. When it fails, {@link #check} and {@link #close} say why.
 */
public final class UdpRelay implements AutoCloseable {
  private static final int LARGEST_DATAGRAM = 65_507;
  private static final long NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Duration CLOSING_LIMIT = Duration.ofSeconds(10);

  private final InetSocketAddress target;
  private final SplittableRandom seeds;
  private final Selector selector;
  private final RelaySocket front;
  private final int port;
  private final Thread thread;

  private final Map<SocketAddress, RelayFlow> flows = new HashMap<>();
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final ImpairedLink linkToTarget = new ImpairedLink();
  private final ImpairedLink linkToSenders = new ImpairedLink();
  private final PriorityQueue<Departure> departures = new PriorityQueue<>();
  private final long startNs = System.nanoTime();
  private long departuresMade;

  private final RelayRecording recording = new RelayRecording();
  private final Queue<RelayRecording.Recorded> toReplay = new ConcurrentLinkedQueue<>();
  private final AtomicLong forwarded = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong duplicated = new AtomicLong();
  private final AtomicLong reordered = new AtomicLong();
  private volatile Impairment impairment;
  private volatile boolean closing;
  private volatile Throwable failure;

  /**
   * Starts a relay.
   *
   * @param target where the receiver listens, an IPv4 address of this host
   * @throws IllegalArgumentException when the target has no IPv4 address
   * @throws UncheckedIOException when no socket can be opened
   */
  public UdpRelay(InetSocketAddress target, Impairment impairment, long seed) {
    if (!(target.getAddress() instanceof Inet4Address)) {
      throw new IllegalArgumentException(
          "the relay's target must have an IPv4 address, was " + target);
    }
    this.target = target;
    this.impairment = impairment;
    this.seeds = new SplittableRandom(seed);
    try {
      this.selector = Selector.open();
      resources.add(selector);
      this.front = RelaySocket.open(selector, this::fromSender);
      resources.add(front);
      this.port = front.port();
    } catch (IOException e) {
      CloseHelper.closeAll(resources);
      throw new UncheckedIOException("the relay to " + target + " has no socket", e);
    }
    this.thread = new Thread(this::run, "udp-relay-" + port);
    thread.setDaemon(true);
    thread.start();
  }

  private record Departure(long dueNs, long order, RelayFlow flow, long number, ByteBuffer datagram)
      implements Comparable<Departure> {
    @Override
    public int compareTo(Departure other) {
      var byTime = Long.compare(dueNs, other.dueNs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** The port of 127.0.0.1 that stands for the target's. */
  public int port() {
    return port;
  }

  /** Changes what happens to the datagrams from now on; those on their way come as they would. */
  public void become(Impairment next) {
    impairment = next;
  }

  /**
   * How many datagrams were sent on, both ways, copies counted and replays not. What has arrived is
   * counted.
   */
  public long forwarded() {
    return forwarded.get();
  }

  /** How many datagrams were lost, by chance or for want of room in the queue, both ways. */
  public long lost() {
    return lost.get();
  }

  /** How many datagrams got a copy, both ways. */
  public long duplicated() {
    return duplicated.get();
  }

  /**
   * How many datagrams were sent on after one that had come later from the same sender or for it,
   * as RFC 4737 counts, both ways.
   */
  public long reordered() {
    return reordered.get();
  }

  /**
   * Remembers from now on the last so many datagrams that were sent on to the target, and no older
   * ones; 0 ends it.
   *
   * @throws IllegalArgumentException when the count is negative
   */
  public void record(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must be >= 0, was " + count);
    }
    recording.start(count);
  }

  /**
   * Sends the remembered datagrams to the target once more, in order, each from the socket that it
   * was sent from, whatever the impairment.
   *
   * @return how many
   */
  public int replay() {
    check();
    var datagrams = recording.datagrams();
    toReplay.addAll(datagrams);
    selector.wakeup();
    return datagrams.size();
  }

  /**
   * Tells whether the relay works.
   *
   * @throws IllegalStateException when its thread failed, with the cause
   */
  public void check() {
    if (failure != null) {
      throw new IllegalStateException(
          "the relay from port " + port + " to " + target + " failed: " + failure, failure);
    }
  }

  /** Ends the relay and drops what is on its way, after which it {@linkplain #check checks}. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    try {
      thread.join(CLOSING_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the relay on port " + port + " ended", e);
    }
    if (thread.isAlive()) {
      throw new IllegalStateException(
          "the relay on port " + port + " did not end within " + CLOSING_LIMIT);
    }
    check();
  }

  private void run() {
    try {
      relay();
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    } finally {
      CloseHelper.closeAll(this::fail, resources);
    }
  }

  private void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    } else {
      failure.addSuppressed(e);
    }
  }

  private void relay() throws IOException {
    var buffer = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
    while (!closing) {
      await();
      for (var key : selector.selectedKeys()) {
        sendWhatIsDue();
        ((RelaySocket) key.attachment()).serve(buffer);
      }
      selector.selectedKeys().clear();
      sendWhatIsDue();
      sendReplays();
    }
  }

  /** Sleeps until a socket is ready, a datagram is due or another thread wants something. */
  private void await() throws IOException {
    var next = departures.peek();
    if (next == null) {
      selector.select();
      return;
    }
    var waitNs = next.dueNs() - nowNs();
    if (waitNs <= 0) {
      selector.selectNow();
    } else {
      // Rounded up, so that nothing leaves early and the thread doesn't spin.
      selector.select((waitNs + NS_PER_MS - 1) / NS_PER_MS);
    }
  }

  private void fromSender(ByteBuffer datagram, SocketAddress sender) throws IOException {
    var flow = flows.get(sender);
    if (flow == null) {
      flow = welcome(sender);
      flows.put(sender, flow);
    }
    pass(flow, datagram);
  }

  private RelayFlow welcome(SocketAddress sender) throws IOException {
    var draws = seeds.split();
    var answers = new RelayFlow(linkToSenders, seeds.split(), front, sender);
    var socket =
        RelaySocket.open(
            selector,
            (datagram, from) -> {
              if (from.equals(target)) {
                pass(answers, datagram);
              }
            });
    resources.add(socket);
    return new RelayFlow(linkToTarget, draws, socket, target);
  }

  private void pass(RelayFlow flow, ByteBuffer datagram) throws IOException {
    var nowNs = nowNs();
    var number = flow.nextNumber();
    var times = flow.departures(impairment, datagram.remaining(), nowNs);
    if (times.length == 0) {
      lost.incrementAndGet();
    } else if (times.length == 2) {
      duplicated.incrementAndGet();
    }
    for (var dueNs : times) {
      if (dueNs <= nowNs && departures.isEmpty()) {
        send(flow, number, datagram);
      } else {
        var copy = Outlet.copyOf(datagram);
        departures.add(new Departure(dueNs, departuresMade++, flow, number, copy));
      }
    }
  }

  private void sendWhatIsDue() throws IOException {
    var nowNs = nowNs();
    while (!departures.isEmpty() && departures.element().dueNs() <= nowNs) {
      var next = departures.remove();
      send(next.flow(), next.number(), next.datagram());
    }
  }

  private void send(RelayFlow flow, long number, ByteBuffer datagram) throws IOException {
    if (flow.leavesLate(number)) {
      reordered.incrementAndGet();
    }
    if (flow.destination().equals(target)) {
      recording.add(flow, datagram);
    }
    // First, for who has received the datagram may ask how many there were.
    forwarded.incrementAndGet();
    flow.socket().outlet().send(datagram, flow.destination());
  }

  private void sendReplays() throws IOException {
    for (var next = toReplay.poll(); next != null; next = toReplay.poll()) {
      next.flow().socket().outlet().send(next.datagram(), next.flow().destination());
    }
  }

  private long nowNs() {
    return System.nanoTime() - startNs;
  }
}
