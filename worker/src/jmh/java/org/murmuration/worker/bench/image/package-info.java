/** What decoding image files costs, beside other decoders on the same files. */
package org.murmuration.worker.bench.image;
