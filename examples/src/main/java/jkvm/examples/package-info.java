/**
 * Lessons, from opening {@code /dev/kvm} on. Each is a class with a
 * {@code main}; examples/README.md has their order, and {@code ./jkvm lesson N} runs one.
 */
package jkvm.examples;
