/** CIFAR-10 in its official binary format: from an archive, a folder, or the sample in the jar. */
package org.murmuration.worker.data.cifar;
