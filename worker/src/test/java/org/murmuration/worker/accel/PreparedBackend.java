package org.murmuration.worker.accel;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs a test class with the backend as an executor has it, one thread per operation, and puts back
 * what was there before.
 */
public final class PreparedBackend implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace STORE = Namespace.create(PreparedBackend.class);

  private record Before(int threads) {}

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(STORE).put(Before.class, new Before(Nd4j.getEnvironment().maxMasterThreads()));
    NativeBackend.prepare(1);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    var before = context.getStore(STORE).get(Before.class, Before.class);
    Nd4j.getEnvironment().setMaxMasterThreads(before.threads);
  }
}
