/** How DL4J reaches the fast kernels of the processor. */
package org.murmuration.worker.accel;
