/** The application that spark-submit starts. */
package org.murmuration.driver;
