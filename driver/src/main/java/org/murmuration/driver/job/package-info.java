/** The jobs: what each command does once its settings are known. */
package org.murmuration.driver.job;
