/**
 * From the bytes of an image file to pixels: what the file says of itself is read and held against
 * limits first, then OpenCV decodes.
 */
package org.murmuration.worker.data.image;
