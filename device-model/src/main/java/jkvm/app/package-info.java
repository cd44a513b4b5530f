/**
 * The {@code jkvm} command: QEMU's options, and words for the other commands. A user's mistake is one line on stderr
 * and exit code 1.
 */
package jkvm.app;
