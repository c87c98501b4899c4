package org.murmuration.worker.accel.helper;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** How an array of single precision lies in memory: DL4J hands over all of these. */
enum Memory {
  ROW_ORDER {
    @Override
    INDArray hold(INDArray values) {
      return values.castTo(DataType.FLOAT);
    }
  },
  COLUMN_ORDER {
    @Override
    INDArray hold(INDArray values) {
      return values.castTo(DataType.FLOAT).dup('f');
    }
  },
  /** As DL4J's own convolution leaves its outputs. */
  PERMUTED {
    @Override
    INDArray hold(INDArray values) {
      var backwards = IntStream.range(0, values.rank()).map(i -> values.rank() - 1 - i).toArray();
      return values.castTo(DataType.FLOAT).permute(backwards).dup('c').permute(backwards);
    }
  },
  /** A part of the channels of a larger array, as behind a merge. */
  PART_OF_LARGER {
    @Override
    INDArray hold(INDArray values) {
      var shape = values.shape().clone();
      shape[1] += 3;
      var channels = NDArrayIndex.interval(2, 2 + values.size(1));
      var part = Nd4j.ones(DataType.FLOAT, shape).get(NDArrayIndex.all(), channels);
      return part.assign(values);
    }
  };

  /** A copy of the values. */
  abstract INDArray hold(INDArray values);
}
