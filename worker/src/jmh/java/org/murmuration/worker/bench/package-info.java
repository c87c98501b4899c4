/**
 * What a training step costs, here and elsewhere: the same networks, with the same parameters and
 * images, in plain DL4J, in Murmuration and in libtorch.
 *
 * <p>{@link org.murmuration.worker.bench.BenchmarkSuite} is the command. It starts a process for
 * each contender, one after the other, because the native libraries of ND4J and libtorch (openblas,
 * libgomp) are of different versions under the same names. In the process, {@link
 * org.murmuration.worker.bench.BenchmarkChild} lets JMH time {@link
 * org.murmuration.worker.bench.TrainingBenchmark}. Classes that name ND4J are reached from {@link
 * org.murmuration.worker.bench.Contender} alone, so that libtorch's process does without it.
 */
package org.murmuration.worker.bench;
