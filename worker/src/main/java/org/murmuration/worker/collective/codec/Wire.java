package org.murmuration.worker.collective.codec;

import java.util.Optional;

/** How gradients travel between ranks. */
public enum Wire {
  /** As they are: 4 bytes per value, nothing is lost. */
  FP32 {
    @Override
    public Optional<ValueCodec> valueCodec() {
      return Optional.of(new Fp32Codec());
    }
  },
  /** Brain floating point: fp32's range with 8 bits of precision, 2 bytes per value. */
  BF16 {
    @Override
    public Optional<ValueCodec> valueCodec() {
      return Optional.of(new Bf16Codec());
    }
  },
  /** IEEE half: 11 bits of precision from 6.1e-5 to 65504, 2 bytes per value. */
  FP16 {
    @Override
    public Optional<ValueCodec> valueCodec() {
      return Optional.of(new Fp16Codec());
    }
  },
  /** Only values beyond a threshold, as index and sign: see {@link ThresholdCodec}. */
  THRESHOLD {
    @Override
    public Optional<ValueCodec> valueCodec() {
      return Optional.empty();
    }
  };

  /**
   * A new codec for use by one thread; empty where values have no fixed width.
   *
   * @throws UnsupportedOperationException on a big-endian machine
   */
  public abstract Optional<ValueCodec> valueCodec();
}
