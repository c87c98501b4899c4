package org.murmuration.worker.accel.onednn;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A connection to oneDNN: makes layouts, primitives and calls, and frees all of them when it is
 * closed. What it makes is for one thread at a time.
 *
 * <p>{@code dnnl_primitive_desc} and the like are handles to C objects, which no garbage collector
 * sees.
 */
public final class OneDnn implements AutoCloseable {

  /** The processor's engine; the C interface counts engines of a kind from 0. */
  private static final int FIRST = 0;

  private final dnnl_engine engine = new dnnl_engine();
  private final dnnl_stream stream = new dnnl_stream();
  private final Deque<Runnable> owned = new ArrayDeque<>();
  private final dnnl_primitive_attr plainAttributes;

  /**
   * @throws OneDnnException when oneDNN has no engine for this processor
   */
  public OneDnn() {
    check("opening the engine", dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, FIRST));
    owned.push(() -> dnnl.dnnl_engine_destroy(engine));
    check(
        "opening the stream",
        dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_default_flags));
    owned.push(() -> dnnl.dnnl_stream_destroy(stream));
    plainAttributes = attributes(List.of());
  }

  /** Whether there is a oneDNN for this platform on the class path. */
  public static boolean isAvailable() {
    try {
      new OneDnn().close();
      return true;
    } catch (LinkageError missing) {
      return false;
    }
  }

  /** The best instruction set without bfloat16 that oneDNN uses on this processor. */
  public static String instructionSet() {
    if (has(dnnl.dnnl_cpu_isa_avx512_core)) {
      return "avx512_core";
    }
    return has(dnnl.dnnl_cpu_isa_avx2) ? "avx2" : "sse41";
  }

  /** Whether the processor multiplies bfloat16. */
  public static boolean hasBf16() {
    return has(dnnl.dnnl_cpu_isa_avx512_core_bf16);
  }

  /** Instruction sets are bits, each with those of the sets that it contains. */
  private static boolean has(int instructionSet) {
    return (dnnl.dnnl_get_effective_cpu_isa() & instructionSet) == instructionSet;
  }

  /** The layout with the last dimension next to each other in memory. */
  public Layout plain(ElementType type, long... shape) {
    var strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strided(type, shape, strides);
  }

  /** The layout with these distances between neighbours, in elements. */
  public Layout strided(ElementType type, long[] shape, long[] strides) {
    var descriptor = new dnnl_memory_desc();
    check(
        "describing " + type + Arrays.toString(shape),
        dnnl.dnnl_memory_desc_create_with_strides(
            descriptor, shape.length, shape, type.code(), strides));
    return own(descriptor, type, shape);
  }

  /** A layout that the primitive is free to choose. */
  public Layout any(ElementType type, long... shape) {
    var descriptor = new dnnl_memory_desc();
    check(
        "describing " + type + Arrays.toString(shape),
        dnnl.dnnl_memory_desc_create_with_tag(
            descriptor, shape.length, shape, type.code(), dnnl.dnnl_format_tag_any));
    return own(descriptor, type, shape);
  }

  /**
   * A box within a tensor.
   *
   * @throws OneDnnException unimplemented, when the box cuts a block of the layout
   */
  public Layout box(Layout whole, long[] shape, long[] offsets) {
    var descriptor = new dnnl_memory_desc();
    check(
        "describing a part of " + whole,
        dnnl.dnnl_memory_desc_create_submemory(descriptor, whole.descriptor(), shape, offsets));
    return own(descriptor, whole.type(), shape);
  }

  /** A primitive without post-operations. */
  Primitive primitive(String what, Maker maker) {
    return primitive(what, List.of(), maker);
  }

  /**
   * A primitive.
   *
   * @param what its name for messages
   * @throws OneDnnException when oneDNN can't do it
   */
  Primitive primitive(String what, List<PostOp> postOps, Maker maker) {
    var descriptor = new dnnl_primitive_desc();
    var attributes = postOps.isEmpty() ? plainAttributes : attributes(postOps);
    check(what, maker.make(descriptor, engine, attributes));
    return own(descriptor);
  }

  /** A primitive of a list of sources, whose C function JavaCPP gives another signature. */
  Primitive primitiveOfMany(String what, ListMaker maker) {
    try (var result = new PointerPointer<dnnl_primitive_desc>(1)) {
      check(what, maker.make(result, engine, plainAttributes));
      return own(new dnnl_primitive_desc(result.get()));
    }
  }

  private Primitive own(dnnl_primitive_desc descriptor) {
    owned.push(() -> dnnl.dnnl_primitive_desc_destroy(descriptor));
    return new Primitive(this, descriptor);
  }

  /** Calls the C function that creates one kind of primitive. */
  @FunctionalInterface
  interface Maker {
    int make(dnnl_primitive_desc result, dnnl_engine engine, dnnl_primitive_attr attributes);
  }

  /** Calls the C function that creates one kind of primitive of a list of sources. */
  @FunctionalInterface
  interface ListMaker {
    int make(
        PointerPointer<dnnl_primitive_desc> result,
        dnnl_engine engine,
        dnnl_primitive_attr attributes);
  }

  /** Memory of this layout, not yet anywhere. */
  public Memory memory(Layout layout) {
    var memory = new dnnl_memory();
    check(
        "creating memory",
        dnnl.dnnl_memory_create(memory, layout.descriptor(), engine, new Pointer()));
    owned.push(() -> dnnl.dnnl_memory_destroy(memory));
    return new Memory(memory);
  }

  /** A primitive bound to its arguments. */
  public Call call(Primitive primitive, Map<Argument, Memory> arguments) {
    var created = primitive.create();
    owned.push(() -> dnnl.dnnl_primitive_destroy(created));
    var list = new dnnl_exec_arg_t(arguments.size());
    owned.push(list::close);
    int i = 0;
    for (var entry : arguments.entrySet()) {
      list.getPointer(i++).arg(entry.getKey().code()).memory(entry.getValue().handle());
    }
    return new Call(created, stream, list, arguments.size());
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().run();
    }
  }

  Layout copyOf(dnnl_memory_desc borrowed) {
    var descriptor = new dnnl_memory_desc();
    check("copying a layout", dnnl.dnnl_memory_desc_clone(descriptor, borrowed));
    var shape = shape(descriptor);
    return own(descriptor, type(descriptor), shape);
  }

  static void check(String what, int status) {
    if (status != dnnl.dnnl_success) {
      throw new OneDnnException(what, status);
    }
  }

  private Layout own(dnnl_memory_desc descriptor, ElementType type, long... shape) {
    owned.push(() -> dnnl.dnnl_memory_desc_destroy(descriptor));
    return new Layout(descriptor, type, shape);
  }

  private dnnl_primitive_attr attributes(List<PostOp> postOps) {
    var attributes = new dnnl_primitive_attr();
    check("creating attributes", dnnl.dnnl_primitive_attr_create(attributes));
    owned.push(() -> dnnl.dnnl_primitive_attr_destroy(attributes));
    check(
        "choosing whose scratchpad",
        dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user));
    var list = new dnnl_post_ops();
    check("creating post-operations", dnnl.dnnl_post_ops_create(list));
    postOps.forEach(postOp -> postOp.appendTo(list));
    check("setting post-operations", dnnl.dnnl_primitive_attr_set_post_ops(attributes, list));
    check("freeing post-operations", dnnl.dnnl_post_ops_destroy(list));
    return attributes;
  }

  private static long[] shape(dnnl_memory_desc descriptor) {
    try (var rank = new IntPointer(1);
        var dims = new PointerPointer<LongPointer>(1)) {
      check(
          "asking for the rank",
          dnnl.dnnl_memory_desc_query(descriptor, dnnl.dnnl_query_ndims_s32, rank));
      check(
          "asking for the shape",
          dnnl.dnnl_memory_desc_query(descriptor, dnnl.dnnl_query_dims, dims));
      var shape = new long[rank.get()];
      dims.get(LongPointer.class, 0).get(shape);
      return shape;
    }
  }

  private static ElementType type(dnnl_memory_desc descriptor) {
    try (var code = new IntPointer(1)) {
      check(
          "asking for the type",
          dnnl.dnnl_memory_desc_query(descriptor, dnnl.dnnl_query_data_type, code));
      return Arrays.stream(ElementType.values())
          .filter(type -> type.code() == code.get())
          .findFirst()
          .orElse(ElementType.U8);
    }
  }
}
