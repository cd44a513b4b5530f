/**
 * Five lessons, from opening {@code /dev/kvm} to a timer interrupt. Each is one class with a {@code main}; read them in
 * order.
 */
package jkvm.examples;
