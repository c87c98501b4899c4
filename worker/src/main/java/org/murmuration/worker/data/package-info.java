/**
 * Images on their way to the network: record formats, the off-heap sample store, the order of an
 * epoch.
 */
package org.murmuration.worker.data;
