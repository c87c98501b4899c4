package org.murmuration.worker.data.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.source.LabelMap;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.RawSample;
import org.murmuration.worker.data.source.SampleSource;

/**
 * Reads and decodes the samples that one rank keeps, several pieces at a time. A piece none of
 * whose samples is wanted isn't opened.
 */
public final class SampleLoader {
  private final SampleSource source;
  private final ImageTransform transform;
  private final LabelMap classes;
  private final Keeping keeping;
  private final int threads;

  /**
   * @param keeping what samples are handed out as
   * @param threads how many pieces are read at a time, at least 1
   */
  public SampleLoader(
      SampleSource source,
      ImageTransform transform,
      LabelMap classes,
      Keeping keeping,
      int threads) {
    this.source = source;
    this.transform = transform;
    this.classes = classes;
    this.keeping = keeping;
    this.threads = threads;
  }

  /** Takes samples, one at a time, in no particular order. */
  public interface Sink {
    /**
     * One sample.
     *
     * @param index its number in the split
     * @param label the number of its class
     * @param pixels of the transform's shape, channel by channel; only good until the method
     *     returns
     */
    void add(long index, int label, byte[] pixels);
  }

  /**
   * Loads samples of a split.
   *
   * @param wanted says by its number in the split whether a sample is wanted
   * @return those among them that can't be decoded
   * @throws BadDataException when a piece isn't of the source's form, holds another number of
   *     samples than it should, or a label is none of the classes
   * @throws IOException when the file system fails, or the thread is interrupted
   */
  public List<BadSample> load(SplitPieces split, LongPredicate wanted, Sink sink)
      throws IOException {
    List<BadSample> bad = Collections.synchronizedList(new ArrayList<>());
    var next = new AtomicInteger();
    var firsts = split.firsts();
    ExecutorService readers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        running.add(
            readers.submit(
                () -> {
                  var decoder = transform.decoder();
                  int piece = next.getAndIncrement();
                  while (piece < firsts.length) {
                    long first = firsts[piece];
                    long end = first + split.counts()[piece];
                    if (LongStream.range(first, end).anyMatch(wanted)) {
                      var part = new Part(split.pieces().get(piece), first, end, decoder);
                      read(part, wanted, sink, bad);
                    }
                    piece = next.getAndIncrement();
                  }
                  return null;
                }));
      }
      for (var thread : running) {
        await(thread);
      }
    } finally {
      readers.shutdownNow();
    }
    return List.copyOf(bad);
  }

  /** A piece, the numbers of its samples from {@code first} to before {@code end}, a decoder. */
  private record Part(Piece piece, long first, long end, ImageDecoder decoder) {}

  private void read(Part part, LongPredicate wanted, Sink sink, List<BadSample> bad)
      throws IOException {
    source.read(
        part.piece,
        sample -> {
          long index = part.first + sample.index();
          if (index >= part.end) {
            throw new BadDataException(
                "%s holds more than the %d samples that were counted: it has changed since; start again"
                    .formatted(part.piece.path(), part.end - part.first));
          }
          if (wanted.test(index)) {
            add(index, sample, part, sink, bad);
          }
        });
  }

  private void add(long index, RawSample sample, Part part, Sink sink, List<BadSample> bad)
      throws IOException {
    try {
      int label = classes.index(sample.label());
      var image = sample.image();
      var pixels = transform.planes(image, part.decoder);
      var content = keeping == Keeping.PIXELS ? pixels : image.file();
      synchronized (this) {
        sink.add(index, label, content);
      }
    } catch (UndecodableImageException e) {
      bad.add(BadSample.of(sample, part.piece, e));
    }
  }

  private static void await(Future<?> thread) throws IOException {
    try {
      thread.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("loading samples was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BadDataException damage) {
        throw new BadDataException(damage.getMessage(), damage);
      }
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
