package org.murmuration.worker.collective.codec;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Turns fp32 values into a fixed number of bytes each, and back.
 *
 * <p>Vectors hold fp32 in native byte order; {@code first} and {@code count} are in values. Wire
 * buffers hold little-endian values from the byte {@code offset} on, at any alignment. Buffers may
 * lie on or off the heap; those of one call must not overlap. An instance keeps scratch arrays and
 * serves one thread.
 *
 * <p>NaN stays NaN (made quiet, as IEEE 754 conversions do) and infinity stays infinity. All
 * methods throw {@link IndexOutOfBoundsException} when a range lies outside its buffer; nothing has
 * been written then.
 */
public interface ValueCodec {
  /** Width of a value on the wire, in bytes. */
  int bytesPerValue();

  /** Whether {@link #quantise} changes values. */
  boolean lossy();

  /**
   * Writes {@code vector[first..first+count)} as it is. Values that {@link #quantise} or {@link
   * #decode} left in the vector lose nothing; others are rounded as {@code quantise} does, without
   * a residual.
   */
  void encode(UnsafeBuffer vector, int first, int count, MutableDirectBuffer out, int offset);

  /**
   * Quantises vector + residual: the vector becomes what the wire can say, the residual becomes
   * what was lost. Nothing is written to the wire.
   *
   * <p>With s = v + e in fp32, the wire's value q is the one nearest to s, of two equally near the
   * even one, and at most the largest finite one for a finite s. The new residual is v + e - q
   * without the rounding of s, itself rounded to fp32 where it needs more than 24 bits. It is 0
   * where s isn't finite.
   *
   * @param residual as long as the vector, {@code [first..first+count)} of it is used; not looked
   *     at by codecs that aren't lossy
   */
  void quantise(UnsafeBuffer vector, UnsafeBuffer residual, int first, int count);

  /** {@code vector[first + i] = wire[i]}. */
  void decode(DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count);

  /** {@code vector[first + i] += wire[i]}. */
  void decodeAdding(DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count);
}
