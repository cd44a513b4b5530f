/**
 * {@code jkvm demo}: a bundled guest, what it says and what its exits cost.
 */
package jkvm.app.demo;
