package org.murmuration.worker.data.prepared;

import java.io.Serializable;

/**
 * A row of a prepared table.
 *
 * @param path of the sample
 * @param labelName its class as the source has it; "" for none
 * @param label the number of the class, or -1
 * @param height rows of the image as it will be used
 * @param width columns of the image as it will be used
 * @param channels of the image as it will be used
 * @param pixels its samples, channel by channel; empty where it is kept encoded
 * @param encoded the image file; empty where its pixels are kept
 * @param mask the class of each pixel, row by row; empty without
 * @param origin where it comes from
 * @param statistics of its pixels
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
public record PreparedRow(
    String path,
    String labelName,
    int label,
    int height,
    int width,
    int channels,
    byte[] pixels,
    byte[] encoded,
    byte[] mask,
    RowOrigin origin,
    ChannelSums statistics)
    implements Serializable {

  /** The same with the number of its class. */
  public PreparedRow labelled(int number) {
    return new PreparedRow(
        path,
        labelName,
        number,
        height,
        width,
        channels,
        pixels,
        encoded,
        mask,
        origin,
        statistics);
  }
}
