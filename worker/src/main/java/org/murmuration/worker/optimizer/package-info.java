/**
 * How a gradient changes the parameters: in one pass over memory where that can be expressed, and
 * by DL4J's updaters otherwise.
 */
package org.murmuration.worker.optimizer;
