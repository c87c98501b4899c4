package org.murmuration.driver.conf;

import java.util.OptionalInt;
import org.murmuration.worker.data.prepared.Keeping;

/**
 * What {@code preprocess} makes of the images.
 *
 * @param keeping how images are kept
 * @param testFraction the share of each class that is set aside for testing; 0 where the source has
 *     test data of its own
 * @param deduplicate whether of images with the same bytes only one stays
 * @param seed of the split and of the order of images
 * @param parts how many files a split has; empty for files of about 128 MiB
 */
public record PreprocessConf(
    Keeping keeping, double testFraction, boolean deduplicate, long seed, OptionalInt parts) {}
