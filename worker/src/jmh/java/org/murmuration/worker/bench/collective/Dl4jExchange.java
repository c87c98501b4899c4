package org.murmuration.worker.bench.collective;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.murmuration.worker.transport.Rendezvous;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;
import org.nd4j.parameterserver.distributed.v2.enums.MeshBuildMode;
import org.nd4j.parameterserver.distributed.v2.transport.UpdatesHandler;
import org.nd4j.parameterserver.distributed.v2.transport.impl.AeronUdpTransport;
import org.nd4j.parameterserver.distributed.v2.transport.impl.StaticPortSupplier;
import org.reactivestreams.Subscription;

/**
 * What DL4J's {@code SharedTrainingMaster} exchanges updates with: every rank sends its vector to
 * all others and adds what comes from them. The vectors are dense, so that all contenders do the
 * same; DL4J's threshold coding would send less and something else.
 *
 * <p>It knows no end of an exchange. A rank has one when as many updates have come as there are
 * other ranks, which may be those of different operations: {@link Sum#verify} waits for all before.
 */
final class Dl4jExchange implements Exchange {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
  private static final String LOOPBACK = "127.0.0.1";
  private static final int STREAM = 119;

  private final Rendezvous rendezvous;
  private final ModelParameterServer server;
  private final Updates updates = new Updates();
  private int sent;

  private Dl4jExchange(Rendezvous rendezvous, ModelParameterServer server) {
    this.rendezvous = rendezvous;
    this.server = server;
  }

  /** Joins the other ranks, in a mesh whose root is rank 0. */
  static Dl4jExchange join(Rendezvous rendezvous) {
    var ports =
        rendezvous.allGather(String.valueOf(freePort())).stream().map(Integer::valueOf).toList();
    var root = ports.get(0);
    var own = ports.get(rendezvous.rank());
    var configuration =
        VoidConfiguration.builder()
            .portSupplier(new StaticPortSupplier(root))
            .streamId(STREAM)
            .networkMask(LOOPBACK + "/8")
            .controllerAddress(LOOPBACK)
            .meshBuildMode(MeshBuildMode.PLAIN)
            .build();
    var isRoot = rendezvous.rank() == 0;
    var transport =
        isRoot
            ? new AeronUdpTransport(LOOPBACK, root, configuration)
            : new AeronUdpTransport(LOOPBACK, own, LOOPBACK, root, configuration);
    var server = ModelParameterServer.getInstance();
    server.configure(configuration, transport, isRoot);
    var exchange = new Dl4jExchange(rendezvous, server);
    server.addUpdatesSubscriber(exchange.updates);
    // One after the other: of two that come at once, one may never hear of the other.
    for (int rank = 0; rank < rendezvous.worldSize(); rank++) {
      if (rank == rendezvous.rank()) {
        server.launch();
      }
      rendezvous.allGather("rank " + rank + " has joined");
    }
    exchange.awaitMesh(transport);
    return exchange;
  }

  private static int freePort() {
    try (var socket = new DatagramSocket()) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitMesh(AeronUdpTransport transport) {
    var until = System.nanoTime() + PATIENCE.toNanos();
    // The root doesn't count itself.
    var needed = rendezvous.worldSize() - (rendezvous.rank() == 0 ? 1 : 0);
    while (transport.totalNumberOfNodes() < needed) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            "the mesh has %d of %d nodes after %d s"
                .formatted(transport.totalNumberOfNodes(), needed, PATIENCE.toSeconds()));
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
    rendezvous.allGather("the mesh is whole");
  }

  @Override
  public Operation operation(int bytes) {
    return new Sum(Nd4j.zeros(1, bytes / Float.BYTES));
  }

  @Override
  public void close() {
    server.shutdown();
  }

  private final class Sum implements Operation {
    private final INDArray vector;

    Sum(INDArray vector) {
      this.vector = vector;
    }

    @Override
    public void run() {
      // It is serialised later, by another thread.
      server.sendUpdate(vector.dup(), sent++, 0);
      for (int i = 1; i < rendezvous.worldSize(); i++) {
        vector.addi(updates.next().reshape(vector.shape()));
      }
    }

    @Override
    public void verify() {
      rendezvous.allGather("no update of before is under way");
      var values = KnownValues.zeros(Math.toIntExact(vector.length()) * Float.BYTES);
      KnownValues.fill(values, rendezvous.rank(), rendezvous.worldSize());
      for (int i = 0; i < vector.length(); i++) {
        vector.putScalar(i, values.getFloat(i * Float.BYTES));
      }
      run();
      for (int i = 0; i < vector.length(); i++) {
        values.putFloat(i * Float.BYTES, vector.getFloat(i));
      }
      KnownValues.requireSum(values, rendezvous.worldSize());
      vector.assign(0);
      rendezvous.allGather("verified");
    }
  }

  /** Updates of other ranks, in the order in which they came. */
  private static final class Updates implements UpdatesHandler {
    private final BlockingQueue<INDArray> arrived = new LinkedBlockingQueue<>();

    INDArray next() {
      try {
        var update = arrived.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (update == null) {
          throw new IllegalStateException(
              "no update came for %d s: one is lost".formatted(PATIENCE.toSeconds()));
        }
        return update;
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while waiting for an update", e);
      }
    }

    @Override
    public INDArray getParametersArray() {
      return Nd4j.zeros(1);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(INDArray update) {
      arrived.add(update);
    }

    @Override
    public void onError(Throwable error) {
      throw new IllegalStateException("DL4J's transport failed", error);
    }

    @Override
    public void onComplete() {
      // Never: updates come until the process ends.
    }
  }
}
