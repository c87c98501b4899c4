/**
 * Preprocessing: from what a source holds to images of one size in Parquet files of one schema,
 * shuffled once, with what couldn't be used in a table beside them.
 */
package org.murmuration.worker.data.prepared;
