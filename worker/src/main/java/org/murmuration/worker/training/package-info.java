/**
 * Training on one rank. {@link org.murmuration.worker.training.TrainingLoop} is the loop; {@link
 * org.murmuration.worker.training.Replica} is this rank's copy of the network; the rest is what the
 * loop measures, keeps and reports.
 */
package org.murmuration.worker.training;
