package org.murmuration.worker.data.cifar;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.UnaryOperator;

/** A stream whose exceptions speak of the file that is read, not of the decoder that failed. */
final class TranslatingStream extends FilterInputStream {

  private final UnaryOperator<IOException> translation;

  TranslatingStream(InputStream in, UnaryOperator<IOException> translation) {
    super(in);
    this.translation = translation;
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw translation.apply(e);
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return in.read(target, offset, length);
    } catch (IOException e) {
      throw translation.apply(e);
    }
  }

  @Override
  public long skip(long count) throws IOException {
    try {
      return in.skip(count);
    } catch (IOException e) {
      throw translation.apply(e);
    }
  }
}
