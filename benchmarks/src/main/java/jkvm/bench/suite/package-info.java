/**
 * The suite that measurements are parts of: what a part is, how figures are kept, compared and shown. Knows no
 * measurement itself.
 */
package jkvm.bench.suite;
