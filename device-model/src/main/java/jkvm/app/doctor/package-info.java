/**
 * {@code jkvm doctor}: tells whether guests can run on this host, how fast, and what would help.
 */
package jkvm.app.doctor;
