/** The command line: one class per command. */
package org.murmuration.driver.cli;
