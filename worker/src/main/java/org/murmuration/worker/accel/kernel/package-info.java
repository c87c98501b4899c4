/**
 * What preprocessing layers compute, written in Java: they are too small for a library's call or
 * unknown to it. Loops are such that the compiler makes vectors of them.
 */
package org.murmuration.worker.accel.kernel;
