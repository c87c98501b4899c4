/**
 * Augmentation: random changes of training images that leave their class as it is. What a sample
 * becomes depends on the seed, the epoch and the number of the sample alone.
 */
package org.murmuration.worker.data.augment;
