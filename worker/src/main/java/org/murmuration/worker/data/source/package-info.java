/**
 * Data sets as people keep them: folders of classes, lists, tar shards, tables, binary records. A
 * {@link org.murmuration.worker.data.source.SampleSource} lists its {@link
 * org.murmuration.worker.data.source.Piece pieces} and reads them one by one.
 */
package org.murmuration.worker.data.source;
