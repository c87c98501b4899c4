/** What a person sees of a running job: the progress line of the terminal. */
package org.murmuration.driver.ui;
