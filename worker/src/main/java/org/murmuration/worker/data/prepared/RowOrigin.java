package org.murmuration.worker.data.prepared;

import java.io.Serializable;

/**
 * Where a sample comes from.
 *
 * @param split {@code train} or {@code test} where the source says so, or ""
 * @param sha256 of the image's bytes in the source, in hexadecimal
 * @param imageBytes how many bytes the image has there
 * @param piece the file that it is in
 * @param pieceBytes the length of that file
 * @param pieceModified when that file was last written, in ms since 1970
 */
public record RowOrigin(
    String split, String sha256, long imageBytes, String piece, long pieceBytes, long pieceModified)
    implements Serializable {}
