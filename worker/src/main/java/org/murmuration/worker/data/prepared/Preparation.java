package org.murmuration.worker.data.prepared;

import java.io.Serializable;

/**
 * What is done with each image.
 *
 * @param transform to its size and colours
 * @param keeping how it is kept
 */
public record Preparation(ImageTransform transform, Keeping keeping) implements Serializable {}
