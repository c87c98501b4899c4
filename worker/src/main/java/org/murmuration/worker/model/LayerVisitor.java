package org.murmuration.worker.model;

import org.murmuration.worker.model.LayerSpec.Activation;
import org.murmuration.worker.model.LayerSpec.BatchNorm;
import org.murmuration.worker.model.LayerSpec.ChannelAffine;
import org.murmuration.worker.model.LayerSpec.ColorTransform;
import org.murmuration.worker.model.LayerSpec.Conv;
import org.murmuration.worker.model.LayerSpec.Dense;
import org.murmuration.worker.model.LayerSpec.Dropout;
import org.murmuration.worker.model.LayerSpec.GaborWaves;
import org.murmuration.worker.model.LayerSpec.GlobalAveragePool;
import org.murmuration.worker.model.LayerSpec.LearnedAugment;
import org.murmuration.worker.model.LayerSpec.LearnedResize;
import org.murmuration.worker.model.LayerSpec.Normalize;
import org.murmuration.worker.model.LayerSpec.NormalizeByData;
import org.murmuration.worker.model.LayerSpec.Pool;
import org.murmuration.worker.model.LayerSpec.Resize;
import org.murmuration.worker.model.LayerSpec.Scale;
import org.murmuration.worker.model.LayerSpec.StatedConv;
import org.murmuration.worker.model.LayerSpec.ToneCurve;
import org.murmuration.worker.model.LayerSpec.Whiten;

/** One method for each type of {@link LayerSpec}. */
public interface LayerVisitor<R> {
  R normalize(Normalize spec);

  R normalizeByData(NormalizeByData spec);

  R channelAffine(ChannelAffine spec);

  R colorTransform(ColorTransform spec);

  R whiten(Whiten spec);

  R toneCurve(ToneCurve spec);

  R learnedAugment(LearnedAugment spec);

  R resize(Resize spec);

  R learnedResize(LearnedResize spec);

  R scale(Scale spec);

  R conv(Conv spec);

  R statedConv(StatedConv spec);

  R gaborWaves(GaborWaves spec);

  R pool(Pool spec);

  R globalAveragePool(GlobalAveragePool spec);

  R batchNorm(BatchNorm spec);

  R activation(Activation spec);

  R dense(Dense spec);

  R dropout(Dropout spec);
}
