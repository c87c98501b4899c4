/**
 * What Murmuration needs of Spark: enough task slots, a barrier stage with one task per rank, the
 * rendezvous of its tasks, news of their progress and of their failures, and DL4J's TrainingMaster.
 */
package org.murmuration.driver.spark;
