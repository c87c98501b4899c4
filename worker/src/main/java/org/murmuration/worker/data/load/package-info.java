/** Loading: from the pieces of a source to the samples that one rank keeps. */
package org.murmuration.worker.data.load;
