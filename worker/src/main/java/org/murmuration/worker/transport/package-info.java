/**
 * Moves frames between neighbouring ranks of a ring over Aeron UDP.
 *
 * <p>{@link org.murmuration.worker.transport.Rendezvous} is how ranks find each other before a link
 * exists; {@link org.murmuration.worker.transport.RingLink} is what the averaging uses; {@link
 * org.murmuration.worker.transport.AeronRingLink} is the real one. Every frame is authenticated
 * with a secret that is made anew for every attempt of a job.
 */
package org.murmuration.worker.transport;
