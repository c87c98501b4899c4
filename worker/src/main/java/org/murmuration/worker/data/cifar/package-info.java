/**
 * CIFAR-10: 60,000 colour images of 32 x 32 pixels in 10 classes.
 *
 * <p>The files {@code data_batch_1.bin} to {@code data_batch_5.bin} (training) and {@code
 * test_batch.bin} are records without header or separator, 10,000 in each official file:
 *
 * <pre>
 *   byte    0            1..1024   1025..2048   2049..3072
 *           label 0..9   red       green        blue          each plane row-major, 32 x 32
 * </pre>
 *
 * <p>A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009. The format is
 * described at <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the data set's page</a>.
 */
package org.murmuration.worker.data.cifar;
