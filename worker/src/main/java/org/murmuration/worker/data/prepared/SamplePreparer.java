package org.murmuration.worker.data.prepared;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.RawImage;
import org.murmuration.worker.data.source.RawSample;

/** Makes rows of samples, one image in memory at a time. For one thread at a time. */
final class SamplePreparer {
  /** The class of pixels that belong to none, as the mask of what lies beside an image. */
  static final int IGNORE = 255;

  private static final int UNNUMBERED = -1;
  private static final byte[] NOTHING = {};

  private final Preparation preparation;
  private final ImageDecoder decoder;
  private final MessageDigest digest;

  SamplePreparer(Preparation preparation) {
    this.preparation = preparation;
    this.decoder = preparation.transform().decoder();
    this.digest = Sha256.digest();
  }

  /**
   * The row of a sample, its class still without a number.
   *
   * @param split that the source says it is in, or ""
   * @throws org.murmuration.worker.data.image.UndecodableImageException when image or mask can't be
   *     used
   */
  PreparedRow prepare(RawSample sample, Piece piece, String split) throws IOException {
    var transform = preparation.transform();
    var shape = transform.shape();
    var image = sample.image();
    var pixels = transform.planes(image, decoder);
    var encodes = preparation.keeping() == Keeping.ENCODED;
    return new PreparedRow(
        sample.path(),
        sample.label(),
        UNNUMBERED,
        shape.height(),
        shape.width(),
        shape.channels(),
        encodes ? NOTHING : pixels,
        encodes ? image.bytes() : NOTHING,
        mask(sample),
        new RowOrigin(
            split,
            sha256(image),
            image.bytes().length,
            piece.path(),
            piece.bytes(),
            piece.modified()),
        ChannelSums.of(shape, pixels));
  }

  private byte[] mask(RawSample sample) throws IOException {
    var mask = sample.mask();
    if (mask.isEmpty()) {
      return NOTHING;
    }
    try (Raster raster = preparation.transform().mask(mask.get(), decoder, IGNORE)) {
      var levels = new byte[raster.width() * raster.height()];
      raster.copyPlanes(levels, 0);
      return levels;
    }
  }

  private String sha256(RawImage image) {
    return HexFormat.of().formatHex(digest.digest(image.bytes()));
  }
}
