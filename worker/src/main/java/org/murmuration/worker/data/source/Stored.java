package org.murmuration.worker.data.source;

/** A sample whose image is in memory already. */
record Stored(long index, String path, String label, RawImage image) implements RawSample {}
