/**
 * From a job's description to a DL4J graph: specifications, the builder, the zoo, optimizers and
 * the preprocessing layers that live in the graph.
 */
package org.murmuration.worker.model;
