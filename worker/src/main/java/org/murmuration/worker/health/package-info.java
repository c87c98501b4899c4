/**
 * What a host must have for a rank to run on it, checked before anything is lost to finding out.
 */
package org.murmuration.worker.health;
