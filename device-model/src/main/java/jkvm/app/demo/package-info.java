/**
 * {@code jkvm demo}: runs a bundled guest, shows its output and the cost of its exits.
 */
package jkvm.app.demo;
