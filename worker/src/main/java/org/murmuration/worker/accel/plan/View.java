package org.murmuration.worker.accel.plan;

import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.murmuration.worker.accel.onednn.ElementType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A plain fp32 tensor of a plan as Java and ND4J see it, wherever it lies in this run. */
public final class View {

  /** A place in memory, which belongs to somebody else. */
  private static final class Address extends FloatPointer {
    Address(long address, long length) {
      this.address = address;
      this.limit = length;
      this.capacity = length;
    }
  }

  private final Tensor tensor;
  private final long[] shape;
  private final long length;
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private Address memory;
  private INDArray array;
  private long seenAt;

  View(Tensor tensor, long... shape) {
    if (tensor.layout().type() != ElementType.F32) {
      throw new IllegalArgumentException("only fp32 has views, but this is " + tensor.layout());
    }
    this.tensor = tensor;
    this.shape = shape;
    this.length = tensor.layout().length();
  }

  /** The elements, row after row. */
  public UnsafeBuffer buffer() {
    look();
    return buffer;
  }

  /** As an array, which must not outlive the run. */
  public INDArray array() {
    look();
    if (array == null) {
      array = arrayAt(seenAt);
    }
    return array;
  }

  /** One element. */
  public float get(long index) {
    return buffer().getFloat(Math.toIntExact(index * Float.BYTES));
  }

  /** Sets one element. */
  public void set(long index, float value) {
    buffer().putFloat(Math.toIntExact(index * Float.BYTES), value);
  }

  /** Copies elements out. */
  public void read(long from, float[] to, int length) {
    look();
    memory.position(from).get(to, 0, length);
  }

  /** Copies elements in. */
  public void write(long to, float[] from, int length) {
    look();
    memory.position(to).put(from, 0, length);
  }

  /** The elements' sum in double precision. */
  public double sum() {
    return IntStream.range(0, Math.toIntExact(length)).mapToDouble(this::get).sum();
  }

  private void look() {
    var address = tensor.address();
    if (address != seenAt) {
      buffer.wrap(address, Math.toIntExact(length * Float.BYTES));
      memory = new Address(address, length);
      array = null;
      seenAt = address;
    }
  }

  private INDArray arrayAt(long address) {
    var data = Nd4j.createBuffer(new Address(address, length), length, DataType.FLOAT);
    return Nd4j.create(data, shape);
  }
}
