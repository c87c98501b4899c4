/** How DL4J's networks reach the fast kernels of the processor. */
package org.murmuration.worker.accel;
