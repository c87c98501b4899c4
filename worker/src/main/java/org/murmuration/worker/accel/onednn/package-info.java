/**
 * oneDNN's C interface as a few small objects: {@link OneDnn} makes {@link Layout}s and {@link
 * Primitive}s and frees them all when it is closed. Nothing here knows of networks.
 *
 * @see <a href="https://uxlfoundation.github.io/oneDNN/">oneDNN's documentation</a>
 */
package org.murmuration.worker.accel.onednn;
