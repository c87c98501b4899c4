package org.murmuration.worker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the peers several times within their patience what this rank does, and hears it from them,
 * on a thread of its own: so a peer that computes for long is told from one whose process stands
 * still. When a rank fails, it says so to its peers, who fail too and pass it on, so that every
 * rank names the one at fault.
 */
final class Heartbeats implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  private static final String STARTING = "starting";
  private static final long OPERATION = 0;

  private static final int BEATS_PER_PATIENCE = 8;
  private static final int POLL_MILLIS = 50;

  /** How long a rank that loses a peer waits to hear from another whose fault it is. */
  private static final Duration VERDICT = Duration.ofMillis(500);

  private static final Duration FLUSH = Duration.ofMillis(500);
  private static final double NS_PER_SECOND = 1e9;
  private static final double MS_PER_SECOND = 1e3;

  private final int rank;
  private final Map<Integer, AeronLink> control;
  private final Map<Integer, PeerLink> data;
  private final Map<Integer, PeerCondition> conditions;
  private final Duration patience;
  private final Supplier<Optional<String>> driverFailure;
  private final SenderPositions positions;
  private final Rejections rejections;
  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final CompletableFuture<String> abort = new CompletableFuture<>();
  private final AgentRunner runner;

  private volatile Own own = new Own(STARTING, 0, System.nanoTime());

  private record Own(String activity, long step, long sinceNs) {}

  /**
   * Starts the thread.
   *
   * @param control the control streams by peer
   * @param data the links for data by peer
   * @param patience how long a peer may give no sign of life
   * @param driverFailure who is at fault when the media driver is gone, or nothing while it lives
   * @param rejections counts messages that aren't any
   */
  Heartbeats(
      int rank,
      Map<Integer, AeronLink> control,
      Map<Integer, PeerLink> data,
      Duration patience,
      Supplier<Optional<String>> driverFailure,
      SenderPositions positions,
      Rejections rejections) {
    this.rank = rank;
    this.control = control;
    this.data = data;
    this.patience = patience;
    this.driverFailure = driverFailure;
    this.positions = positions;
    this.rejections = rejections;
    this.conditions =
        control.keySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    peer -> peer, peer -> new PeerCondition(System.nanoTime())));
    this.runner =
        new AgentRunner(
            new SleepingMillisIdleStrategy(POLL_MILLIS),
            e -> LOG.warn("heartbeats of rank {}: {}", rank, e.toString()),
            null,
            new Beat());
    AgentRunner.startOnThread(runner);
  }

  void announce(String activity, long step) {
    own = new Own(activity, step, System.nanoTime());
  }

  /**
   * Throws when a peer or the media driver is known to be gone.
   *
   * @throws TransportException naming who is
   */
  void requireHealthy() {
    if (abort.isDone()) {
      throw new TransportException(abort.join());
    }
    var now = System.nanoTime();
    conditions.forEach(
        (peer, condition) -> {
          if (condition.restarted) {
            throw new TransportException(
                "%s was started again in the middle of the attempt; %s"
                    .formatted(control.get(peer).peer(), condition(peer)));
          }
          // A peer that sends data is alive, whatever holds up its status.
          var heardNs = Math.max(condition.heardNs, data.get(peer).heardNs());
          if (now - heardNs > patience.toNanos()) {
            throw new TransportException(
                ("%s is silent: %s. Its process stands still or the network is cut; see that"
                        + " executor's log, and raise averaging.peer-timeout if it only stood still")
                    .formatted(control.get(peer).peer(), condition(peer)));
          }
        });
  }

  /** Why a connection ended, if another rank knows it within a moment. */
  Optional<String> verdict() {
    try {
      return Optional.of(abort.get(VERDICT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      LOG.debug("no rank has said why a connection ended", e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an abort is never made to fail", e);
    }
  }

  /** What a peer was last known to do. */
  String condition(int peer) {
    return conditions.get(peer).describe(System.nanoTime());
  }

  /** Fails with this reason, unless a failure is known already, and tells the peers. */
  void abort(String reason) {
    abort.complete(reason);
  }

  /** Stops, after having said the last word. */
  @Override
  public void close() {
    runner.close();
  }

  /** What is known of a peer. Written by the agent's thread. */
  private static final class PeerCondition {
    private volatile long heardNs;
    private volatile boolean restarted;
    private volatile String activity = STARTING;
    private volatile long step;
    private volatile long inActivityMs;
    private long incarnation;
    private boolean known;

    PeerCondition(long nowNs) {
      heardNs = nowNs;
    }

    void heard(String activity, long step, long inActivityMs, long incarnation) {
      restarted |= known && incarnation != this.incarnation;
      known = true;
      this.incarnation = incarnation;
      this.activity = activity;
      this.step = step;
      this.inActivityMs = inActivityMs;
      heardNs = System.nanoTime();
    }

    String describe(long nowNs) {
      return "last heard %.1f s ago, %s in step %d for %.1f s"
          .formatted(
              (nowNs - heardNs) / NS_PER_SECOND, activity, step, inActivityMs / MS_PER_SECOND);
    }
  }

  /** The thread's work. */
  private final class Beat implements Agent {
    private final long intervalNs = patience.toNanos() / BEATS_PER_PATIENCE;
    private long lastBeatNs = System.nanoTime() - intervalNs;
    private boolean saidAbort;

    @Override
    public int doWork() {
      control.forEach(this::poll);
      if (abort.isDone() && !saidAbort) {
        sayAbort();
      }
      if (System.nanoTime() - lastBeatNs >= intervalNs) {
        lastBeatNs = System.nanoTime();
        driverFailure.get().ifPresent(abort::complete);
        control.values().forEach(this::sayStatus);
      }
      return 0;
    }

    @Override
    public void onClose() {
      if (abort.isDone() && !saidAbort) {
        sayAbort();
      }
      var deadline = System.nanoTime() + FLUSH.toNanos();
      while (saidAbort
          && System.nanoTime() - deadline < 0
          && !control.values().stream().allMatch(link -> link.isFlushed(positions))) {
        Thread.onSpinWait();
      }
    }

    @Override
    public String roleName() {
      return "murmuration heartbeats of rank " + rank;
    }

    private void poll(int peer, AeronLink link) {
      if (link.isReceiving()) {
        link.poll(
            OPERATION,
            (buffer, offset, length) -> {
              if (!ControlMessage.read(buffer, offset, length, new Ear(peer))) {
                rejections.count(Rejections.Reason.FOREIGN);
              }
              return true;
            });
      }
    }

    private void sayStatus(AeronLink link) {
      var now = own;
      var activity = now.activity.getBytes(UTF_8);
      if (link.isConnected()) {
        // Under back pressure a later one says the same.
        link.trySend(
            OPERATION,
            ControlMessage.statusLength(activity),
            (buffer, offset) ->
                ControlMessage.writeStatus(
                    buffer,
                    offset,
                    activity,
                    now.step,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - now.sinceNs),
                    incarnation));
      }
    }

    private void sayAbort() {
      var reason = abort.join().getBytes(UTF_8);
      saidAbort = true;
      for (var link : control.values()) {
        if (link.isConnected()) {
          var length = ControlMessage.abortLength(reason, link.maxPayloadLength());
          link.trySend(
              OPERATION,
              length,
              (buffer, offset) -> ControlMessage.writeAbort(buffer, offset, reason, length));
        }
      }
    }
  }

  /** Takes what a peer says. */
  private final class Ear implements ControlMessage.Listener {
    private final int peer;

    Ear(int peer) {
      this.peer = peer;
    }

    @Override
    public void status(String activity, long step, long inActivityMs, long incarnation) {
      conditions.get(peer).heard(activity, step, inActivityMs, incarnation);
    }

    @Override
    public void abort(String reason) {
      abort.complete(reason);
    }
  }
}
