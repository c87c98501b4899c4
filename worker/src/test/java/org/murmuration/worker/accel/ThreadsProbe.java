package org.murmuration.worker.accel;

/** A process that says how many threads it has after being told to use one, and then two. */
final class ThreadsProbe {
  private ThreadsProbe() {}

  public static void main(String[] args) {
    NativeBackend.prepare(1);
    var one = NativeBackend.info().threads();
    NativeBackend.prepare(2);
    System.out.print(one + " then " + NativeBackend.info().threads());
  }
}
