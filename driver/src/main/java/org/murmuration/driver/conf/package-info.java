/**
 * The settings of a job: read from HOCON once, checked as a whole, then passed along as records.
 * Nothing outside this package reads HOCON. {@code reference.conf} documents every key and holds
 * every default; {@link org.murmuration.driver.conf.JobConf#load} is the way in.
 */
package org.murmuration.driver.conf;
