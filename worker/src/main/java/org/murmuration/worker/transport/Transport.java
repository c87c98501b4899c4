package org.murmuration.worker.transport;

import java.time.Duration;
import java.util.Optional;

/** A rank's links with the peers it needs, and what is known of how they are. */
public interface Transport extends AutoCloseable {

  /** This rank, 0 to {@code worldSize() - 1}. */
  int rank();

  /** The number of ranks. */
  int worldSize();

  /** Where the ranks are. */
  Topology topology();

  /**
   * The link with a peer.
   *
   * @throws IllegalArgumentException when none was asked for when the transport was made
   */
  Link link(int peer);

  /** How long a rank may wait while nothing moves. */
  Duration peerTimeout();

  /**
   * Tells the peers what this rank does from now on.
   *
   * @param activity a word or two, such as "computing"
   * @param step the step of training, counting from 1
   */
  void announce(String activity, long step);

  /**
   * To be called while waiting: throws when a peer, or this host's media driver, is known to be
   * gone or to have failed.
   *
   * @throws TransportException naming the rank at fault
   */
  void requireHealthy();

  /** Why a connection ended, if another rank says it within a moment. */
  Optional<String> verdict();

  /** What a peer was last known to do, and when, for messages. */
  String condition(int peer);

  /** Tells all ranks that this one fails and why, so that none waits for it in vain. */
  void abort(String reason);

  /** Frames and datagrams so far that were not of this job, attempt, sender or place. */
  long droppedFrames();

  /** Leaves at once, whatever the others do. */
  @Override
  void close();
}
