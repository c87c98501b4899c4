package org.murmuration.worker.health;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.murmuration.worker.accel.NativeBackend;

/** Loads the native libraries that a rank may come to need, which also unpacks them. */
public final class LibraryCheck {
  private LibraryCheck() {}

  /** Whether all of them load on this machine. */
  public static Finding run() {
    try {
      var backend = NativeBackend.info();
      Loader.load(opencv_imgproc.class);
      Loader.load(opencv_imgcodecs.class);
      return Finding.ok(
          "libraries",
          "ND4J (%s), oneDNN (%s) and OpenCV load"
              .formatted(backend.binary(), NativeBackend.instructionSet()));
    } catch (UnsatisfiedLinkError e) {
      return Finding.problem(
          "libraries",
          e.getMessage(),
          "this needs Linux on x86-64 with AVX2, glibc 2.27 or newer and libstdc++ and libgomp");
    }
  }
}
