/**
 * Moves frames between any two ranks over Aeron.
 *
 * <p>{@link org.murmuration.worker.transport.Rendezvous} is how ranks find each other before a link
 * exists; {@link org.murmuration.worker.transport.Transport} and {@link
 * org.murmuration.worker.transport.Link} are what the averaging uses; {@link
 * org.murmuration.worker.transport.AeronTransport} is the real one. Ranks of one host share a media
 * driver and exchange frames in its memory; what crosses a network is sealed with keys that are
 * made anew for every attempt of a job.
 */
package org.murmuration.worker.transport;
