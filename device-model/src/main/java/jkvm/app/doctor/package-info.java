/**
 * {@code jkvm doctor}: reports whether guests can run on this host, how fast, and how to improve it.
 */
package jkvm.app.doctor;
