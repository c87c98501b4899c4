package org.murmuration.worker.data.prepared;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** The columns of a prepared table, and rows as Parquet's records. README.md describes them. */
final class PreparedSchema {
  static final String PATH = "path";
  static final String PIXELS = "pixels";
  static final String ENCODED = "encoded";
  static final String MASK = "mask";

  private static final String LABEL_NAME = "label_name";
  private static final String LABEL = "label";
  private static final String HEIGHT = "height";
  private static final String WIDTH = "width";
  private static final String CHANNELS = "channels";
  private static final String SPLIT = "source_split";
  private static final String SHA256 = "source_sha256";
  private static final String IMAGE_BYTES = "source_image_bytes";
  private static final String PIECE = "source_file";
  private static final String PIECE_BYTES = "source_bytes";
  private static final String PIECE_MODIFIED = "source_modified_ms";
  private static final String SUMS = "channel_sums";
  private static final String SQUARES = "channel_square_sums";

  private static final byte[] NOTHING = {};

  /** All columns. */
  static final MessageType ALL =
      Types.buildMessage()
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(PATH)
          .required(PrimitiveTypeName.INT32)
          .named(LABEL)
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(LABEL_NAME)
          .required(PrimitiveTypeName.INT32)
          .named(HEIGHT)
          .required(PrimitiveTypeName.INT32)
          .named(WIDTH)
          .required(PrimitiveTypeName.INT32)
          .named(CHANNELS)
          .optional(PrimitiveTypeName.BINARY)
          .named(PIXELS)
          .optional(PrimitiveTypeName.BINARY)
          .named(ENCODED)
          .optional(PrimitiveTypeName.BINARY)
          .named(MASK)
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(SPLIT)
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(SHA256)
          .required(PrimitiveTypeName.INT64)
          .named(IMAGE_BYTES)
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(PIECE)
          .required(PrimitiveTypeName.INT64)
          .named(PIECE_BYTES)
          .required(PrimitiveTypeName.INT64)
          .named(PIECE_MODIFIED)
          .repeated(PrimitiveTypeName.INT64)
          .named(SUMS)
          .repeated(PrimitiveTypeName.INT64)
          .named(SQUARES)
          .named("image");

  /** All columns but those that hold images. */
  static final MessageType WITHOUT_IMAGES =
      new MessageType(
          ALL.getName(),
          ALL.getFields().stream()
              .filter(field -> !List.of(PIXELS, ENCODED, MASK).contains(field.getName()))
              .toList());

  private PreparedSchema() {}

  static Group group(PreparedRow row) {
    var group = new SimpleGroup(ALL);
    group.add(PATH, row.path());
    group.add(LABEL, row.label());
    group.add(LABEL_NAME, row.labelName());
    group.add(HEIGHT, row.height());
    group.add(WIDTH, row.width());
    group.add(CHANNELS, row.channels());
    add(group, PIXELS, row.pixels());
    add(group, ENCODED, row.encoded());
    add(group, MASK, row.mask());
    group.add(SPLIT, row.origin().split());
    group.add(SHA256, row.origin().sha256());
    group.add(IMAGE_BYTES, row.origin().imageBytes());
    group.add(PIECE, row.origin().piece());
    group.add(PIECE_BYTES, row.origin().pieceBytes());
    group.add(PIECE_MODIFIED, row.origin().pieceModified());
    for (long sum : row.statistics().sums()) {
      group.add(SUMS, sum);
    }
    for (long sum : row.statistics().squares()) {
      group.add(SQUARES, sum);
    }
    return group;
  }

  static PreparedRow row(Group group) {
    int height = group.getInteger(HEIGHT, 0);
    int width = group.getInteger(WIDTH, 0);
    return new PreparedRow(
        group.getString(PATH, 0),
        group.getString(LABEL_NAME, 0),
        group.getInteger(LABEL, 0),
        height,
        width,
        group.getInteger(CHANNELS, 0),
        bytes(group, PIXELS),
        bytes(group, ENCODED),
        bytes(group, MASK),
        new RowOrigin(
            group.getString(SPLIT, 0),
            group.getString(SHA256, 0),
            group.getLong(IMAGE_BYTES, 0),
            group.getString(PIECE, 0),
            group.getLong(PIECE_BYTES, 0),
            group.getLong(PIECE_MODIFIED, 0)),
        new ChannelSums((long) height * width, longs(group, SUMS), longs(group, SQUARES)));
  }

  private static void add(Group group, String column, byte[] bytes) {
    if (bytes.length > 0) {
      group.add(column, Binary.fromConstantByteArray(bytes));
    }
  }

  /** A column that isn't read is empty as well. */
  private static byte[] bytes(Group group, String column) {
    return group.getType().containsField(column) && group.getFieldRepetitionCount(column) > 0
        ? group.getBinary(column, 0).getBytes()
        : NOTHING;
  }

  private static long[] longs(Group group, String column) {
    return IntStream.range(0, group.getFieldRepetitionCount(column))
        .mapToLong(i -> group.getLong(column, i))
        .toArray();
  }
}
